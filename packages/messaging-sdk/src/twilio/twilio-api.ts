import { PermanentError } from '@mortise/errors'
import type { Channel } from '../integration-config.ts'
import { asObject, asString } from '../json-value.ts'
import type { MediaAddress } from '../media-address.ts'
import type { MediaReference } from '../message-part.ts'
import type { HealthResult, SendContext } from '../platform-adapter.ts'
import { callPlatform, type PlatformAnswer } from '../platform-request.ts'
import type { TwilioCredentials } from './twilio-credentials.ts'

type Network = Pick<SendContext, 'fetch' | 'signal'>

/** One call about the account; `path` follows its id. @see https://www.twilio.com/docs/usage/requests-to-twilio */
export function callTwilio(
  call: {
    baseUrl: string
    credentials: TwilioCredentials
    path: string
    method?: 'GET'
    form?: Record<string, string>
  },
  context: Network,
): Promise<PlatformAnswer> {
  const { baseUrl, credentials, path, method, form } = call
  return callPlatform(
    {
      platform: 'Twilio',
      url: `${baseUrl}/2010-04-01/Accounts/${encodeURIComponent(credentials.accountSid)}${path}`,
      headers: authorization(credentials),
      ...(method && { method }),
      ...(form && { body: new URLSearchParams(form) }),
    },
    context,
  )
}

function authorization({ accountSid, authToken }: TwilioCredentials): { authorization: string } {
  const pair = Buffer.from(`${accountSid}:${authToken}`).toString('base64')
  return { authorization: `Basic ${pair}` }
}

/** Whether the account answers to the token and is active. */
export async function checkTwilioHealth(
  baseUrl: string,
  credentials: TwilioCredentials,
  context: Network,
): Promise<HealthResult> {
  const call = { baseUrl, credentials, path: '.json', method: 'GET' } as const
  const answer = await callTwilio(call, context)
  if (!answer.answered) return { status: 'unhealthy', message: answer.failure.error.message }
  const details = { statusCode: answer.status }
  const state = asString(asObject(answer.body)?.status)
  if (answer.status === 200 && state === 'active') {
    return { status: 'healthy', message: 'Twilio API accessible', details }
  }
  const message =
    answer.status === 200
      ? `The Twilio account is ${state ?? 'in an unknown state'}`
      : `Twilio answered ${answer.status}: check accountSid and authToken`
  return { status: 'unhealthy', message, details }
}

/**
 * Where a medium is. Twilio sends to a store whose address carries its own permission, so the account's
 * credentials go to Twilio alone.
 *
 * @throws {PermanentError} MESSAGING_MEDIA_UNAVAILABLE when the address is not Twilio's or leads nowhere.
 * @see https://www.twilio.com/docs/messaging/api/media-resource
 */
export async function resolveTwilioMedia(
  options: { baseUrl: string; ref: MediaReference; channel: Channel<TwilioCredentials> },
  context: Network,
): Promise<MediaAddress> {
  const { baseUrl, ref, channel } = options
  const url = ref.url && URL.canParse(ref.url) ? new URL(ref.url) : undefined
  if (!url || (url.origin !== new URL(baseUrl).origin && !isTwilioHost(url))) {
    throw unavailable('The medium has no address at Twilio')
  }
  const headers = authorization(channel.credentials)
  const { signal } = context
  const response = await context.fetch(url, { headers, redirect: 'manual', signal })
  await response.body?.cancel()
  const location = response.headers.get('location')
  if (location && response.status >= 300 && response.status < 400) {
    return { url: new URL(location, url).href }
  }
  if (!response.ok) throw unavailable(`Twilio answered ${response.status} for this medium`)
  return { url: url.href, headers }
}

function isTwilioHost(url: URL): boolean {
  return url.protocol === 'https:' && url.hostname.endsWith('.twilio.com')
}

function unavailable(message: string): PermanentError {
  return new PermanentError(message, { code: 'MESSAGING_MEDIA_UNAVAILABLE' })
}
