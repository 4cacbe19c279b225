import { PermanentError } from '@mortise/errors'
import type { Channel } from '../integration-config.ts'
import { asObject } from '../json-value.ts'
import type { MediaAddress } from '../media-address.ts'
import type { MediaReference } from '../message-part.ts'
import type { HealthResult, SendContext } from '../platform-adapter.ts'
import { callPlatform, type PlatformAnswer, type PlatformRequest } from '../platform-request.ts'
import type { LineCredentials } from './line-credentials.ts'

/** Where the Messaging API is; files have a host of their own. */
export interface LineApi {
  baseUrl: string
  dataUrl: string
}

/** One call; the token travels as a header. */
export function callLine(
  options: { api: LineApi; path: string; credentials: LineCredentials } & Pick<
    PlatformRequest,
    'method' | 'json' | 'headers'
  >,
  context: Pick<SendContext, 'fetch' | 'signal'>,
): Promise<PlatformAnswer> {
  const { api, path, credentials, headers, ...request } = options
  return callPlatform(
    {
      ...request,
      platform: 'LINE',
      url: `${api.baseUrl}${path}`,
      headers: { ...authorization(credentials), ...headers },
    },
    context,
  )
}

function authorization(credentials: LineCredentials): Record<string, string> {
  return { authorization: `Bearer ${credentials.channelAccessToken}` }
}

/** Whether the bot answers to the token. @see https://developers.line.biz/en/reference/messaging-api/#get-bot-info */
export async function checkLineHealth(
  api: LineApi,
  credentials: LineCredentials,
  context: Pick<SendContext, 'fetch' | 'signal'>,
): Promise<HealthResult> {
  const call = { api, path: '/v2/bot/info', credentials, method: 'GET' }
  const answer = await callLine(call, context)
  if (!answer.answered) return { status: 'unhealthy', message: answer.failure.error.message }
  const details = { statusCode: answer.status }
  if (answer.status === 200 && asObject(answer.body)?.userId !== undefined) {
    return { status: 'healthy', message: 'LINE API accessible', details }
  }
  const message = `LINE answered ${answer.status}: check channelAccessToken`
  return { status: 'unhealthy', message, details }
}

/**
 * Where a medium is: LINE's own by the message's id, somebody else's by its address, without our token.
 *
 * @throws {PermanentError} MESSAGING_MEDIA_UNAVAILABLE when the reference has neither.
 * @see https://developers.line.biz/en/reference/messaging-api/#get-content
 */
export function resolveLineMedia(
  api: LineApi,
  ref: MediaReference,
  channel: Channel<LineCredentials>,
): MediaAddress {
  if (ref.providerId) {
    const url = `${api.dataUrl}/v2/bot/message/${encodeURIComponent(ref.providerId)}/content`
    return { url, headers: authorization(channel.credentials) }
  }
  if (ref.url) return { url: ref.url }
  throw new PermanentError('The medium has neither an id nor an address', {
    code: 'MESSAGING_MEDIA_UNAVAILABLE',
  })
}
