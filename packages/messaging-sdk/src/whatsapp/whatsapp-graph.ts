import { PermanentError } from '@mortise/errors'
import type { Channel } from '../integration-config.ts'
import { asObject, asString } from '../json-value.ts'
import type { MediaReference } from '../message-part.ts'
import type { HealthResult, SendContext } from '../platform-adapter.ts'
import { callPlatform, type PlatformAnswer, type PlatformRequest } from '../platform-request.ts'
import type { WhatsAppCredentials } from './whatsapp-credentials.ts'

/** Where the Graph API is. */
export interface GraphApi {
  baseUrl: string
  version: string
}

/** Hosts besides the API's own that serve media to a bearer of the token. */
const MEDIA_HOSTS = ['lookaside.fbsbx.com']

/** One authorised call; `path` starts after the version. The token travels as a header, never in the URL. */
export function callGraph(
  options: { api: GraphApi; path: string; credentials: WhatsAppCredentials } & Pick<
    PlatformRequest,
    'method' | 'json' | 'body'
  >,
  context: Pick<SendContext, 'fetch' | 'signal'>,
): Promise<PlatformAnswer> {
  const { api, path, credentials, ...request } = options
  return callPlatform(
    {
      ...request,
      platform: 'WhatsApp',
      url: `${api.baseUrl}/${api.version}/${path}`,
      headers: { authorization: `Bearer ${credentials.accessToken}` },
    },
    context,
  )
}

/** Whether the number answers to the token. */
export async function checkWhatsAppHealth(
  api: GraphApi,
  credentials: WhatsAppCredentials,
  context: Pick<SendContext, 'fetch' | 'signal'>,
): Promise<HealthResult> {
  const path = `${encodeURIComponent(credentials.phoneNumberId)}?fields=verified_name,quality_rating`
  const answer = await callGraph({ api, path, credentials, method: 'GET' }, context)
  if (!answer.answered) return { status: 'unhealthy', message: answer.failure.error.message }
  if (answer.status === 200) {
    const quality = asString(asObject(answer.body)?.quality_rating)
    return {
      status: quality === 'RED' ? 'degraded' : 'healthy',
      message: 'WhatsApp API accessible',
      details: { statusCode: 200, ...(quality && { quality }) },
    }
  }
  return {
    status: 'unhealthy',
    message: `WhatsApp answered ${answer.status}: check phoneNumberId and accessToken`,
    details: { statusCode: answer.status },
  }
}

/**
 * The bytes of a medium: its address is asked for by id (it lives for minutes), then fetched. The token is
 * shown only to the API's own origin and to Meta's media host.
 *
 * @throws {PermanentError} MESSAGING_MEDIA_UNAVAILABLE when the reference leads nowhere we may go.
 */
export async function fetchWhatsAppMedia(
  options: { api: GraphApi; ref: MediaReference; channel: Channel<WhatsAppCredentials> },
  context: Pick<SendContext, 'fetch' | 'signal'>,
): Promise<Response> {
  const { api, ref, channel } = options
  const { credentials } = channel
  let address = ref.url
  if (ref.providerId) {
    const path = encodeURIComponent(ref.providerId)
    const answer = await callGraph({ api, path, credentials, method: 'GET' }, context)
    if (!answer.answered) throw answer.failure.error
    address = asString(asObject(answer.body)?.url)
  }
  const url = address && URL.canParse(address) ? new URL(address) : undefined
  const allowed =
    url?.origin === new URL(api.baseUrl).origin ||
    (url?.protocol === 'https:' && MEDIA_HOSTS.includes(url.hostname))
  if (!url || !allowed) {
    throw new PermanentError('WhatsApp gave no address for this medium that may see the token', {
      code: 'MESSAGING_MEDIA_UNAVAILABLE',
      details: { host: url?.hostname },
    })
  }
  return context.fetch(url, {
    headers: { authorization: `Bearer ${credentials.accessToken}` },
    redirect: 'error',
    signal: context.signal,
  })
}
