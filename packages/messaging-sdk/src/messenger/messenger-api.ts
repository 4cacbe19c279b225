import { asObject, asString } from '../json-value.ts'
import type { HealthResult, SendContext } from '../platform-adapter.ts'
import { callPlatform, type PlatformAnswer, type PlatformRequest } from '../platform-request.ts'
import type { MessengerCredentials } from './messenger-credentials.ts'

/** Where the Graph API is. */
export interface MessengerApi {
  baseUrl: string
  version: string
}

/** One authorised call about the page; `edge` follows its id. The token travels as a header. */
export function callMessenger(
  options: { api: MessengerApi; edge: string; credentials: MessengerCredentials } & Pick<
    PlatformRequest,
    'method' | 'json' | 'body'
  >,
  context: Pick<SendContext, 'fetch' | 'signal'>,
): Promise<PlatformAnswer> {
  const { api, edge, credentials, ...request } = options
  return callPlatform(
    {
      ...request,
      platform: 'Messenger',
      url: `${api.baseUrl}/${api.version}/${encodeURIComponent(credentials.pageId)}${edge}`,
      headers: { authorization: `Bearer ${credentials.accessToken}` },
    },
    context,
  )
}

/** Whether the page answers to the token. */
export async function checkMessengerHealth(
  api: MessengerApi,
  credentials: MessengerCredentials,
  context: Pick<SendContext, 'fetch' | 'signal'>,
): Promise<HealthResult> {
  const edge = '?fields=id,name'
  const answer = await callMessenger({ api, edge, credentials, method: 'GET' }, context)
  if (!answer.answered) return { status: 'unhealthy', message: answer.failure.error.message }
  const details = { statusCode: answer.status }
  if (answer.status === 200 && asString(asObject(answer.body)?.id)) {
    return { status: 'healthy', message: 'Messenger API accessible', details }
  }
  const message = `Messenger answered ${answer.status}: check pageId and accessToken`
  return { status: 'unhealthy', message, details }
}
