import { PermanentError } from '@mortise/errors'
import { defined } from '../defined.ts'
import type { Channel } from '../integration-config.ts'
import { asNumber, asObject, asString, type JsonObject } from '../json-value.ts'
import type { MediaAddress } from '../media-address.ts'
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
 * Where a medium is: its address is asked for by id (it lives for minutes). The token is meant only for the
 * API's own origin and Meta's media host, so no other address is given out with it.
 *
 * @throws {PermanentError} MESSAGING_MEDIA_UNAVAILABLE when the reference leads nowhere we may go.
 * @see https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media
 */
export async function resolveWhatsAppMedia(
  options: { api: GraphApi; ref: MediaReference; channel: Channel<WhatsAppCredentials> },
  context: Pick<SendContext, 'fetch' | 'signal'>,
): Promise<MediaAddress> {
  const { api, ref, channel } = options
  const { credentials } = channel
  let medium: JsonObject | undefined = { url: ref.url }
  if (ref.providerId) {
    const path = encodeURIComponent(ref.providerId)
    const answer = await callGraph({ api, path, credentials, method: 'GET' }, context)
    if (!answer.answered) throw answer.failure.error
    medium = asObject(answer.body)
  }
  const address = asString(medium?.url)
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
  return {
    url: url.href,
    headers: { authorization: `Bearer ${credentials.accessToken}` },
    ...defined({
      mediaType: asString(medium?.mime_type),
      sizeBytes: asNumber(medium?.file_size),
      sha256: asString(medium?.sha256),
    }),
  }
}
