import { PermanentError } from '@mortise/errors'
import { defined } from '../defined.ts'
import type { Channel } from '../integration-config.ts'
import { asNumber, asObject, asString, type JsonObject } from '../json-value.ts'
import type { MediaAddress } from '../media-address.ts'
import type { MediaReference } from '../message-part.ts'
import type { HealthResult, SendContext } from '../platform-adapter.ts'
import { callPlatform, type PlatformAnswer } from '../platform-request.ts'
import type { SlackCredentials } from './slack-credentials.ts'

type Network = Pick<SendContext, 'fetch' | 'signal'>

/** A call of a Web API method. */
export interface SlackCall {
  baseUrl: string
  credentials: SlackCredentials
  method: string
  json?: JsonObject
  /** For the few methods that take no JSON. */
  form?: Record<string, string>
}

/** Calls one method; the token travels as a header. @see https://docs.slack.dev/apis/web-api */
export function callSlack(call: SlackCall, context: Network): Promise<PlatformAnswer> {
  const { baseUrl, credentials, method, json, form } = call
  return callPlatform(
    {
      platform: 'Slack',
      url: `${baseUrl}/${method}`,
      headers: {
        authorization: `Bearer ${credentials.botToken}`,
        ...(json && { 'content-type': 'application/json; charset=utf-8' }),
      },
      ...(form ? { body: new URLSearchParams(form) } : { json: json ?? {} }),
    },
    context,
  )
}

/** The answer's object when Slack said `ok`. */
export function slackResult(answer: PlatformAnswer): JsonObject | undefined {
  const body = answer.answered && answer.status === 200 ? asObject(answer.body) : undefined
  return body?.ok === true ? body : undefined
}

/** Whether the workspace answers to the token. @see https://docs.slack.dev/reference/methods/auth.test */
export async function checkSlackHealth(
  app: Pick<SlackCall, 'baseUrl' | 'credentials'>,
  context: Network,
): Promise<HealthResult> {
  const answer = await callSlack({ ...app, method: 'auth.test' }, context)
  if (!answer.answered) return { status: 'unhealthy', message: answer.failure.error.message }
  const result = slackResult(answer)
  if (result) {
    const details = { statusCode: 200, ...defined({ team: asString(result.team) }) }
    return { status: 'healthy', message: 'Slack API accessible', details }
  }
  const reason = asString(asObject(answer.body)?.error) ?? String(answer.status)
  return {
    status: 'unhealthy',
    message: `Slack answered ${reason}: check botToken`,
    details: { statusCode: answer.status },
  }
}

/** Whether a URL of Slack's may see the token: its own hosts, or wherever the API was put. */
export function isSlackUrl(address: string | undefined, baseUrl: string): address is string {
  if (!address || !URL.canParse(address)) return false
  const url = new URL(address)
  if (url.origin === new URL(baseUrl).origin) return true
  return url.protocol === 'https:' && url.hostname.endsWith('.slack.com')
}

/**
 * Where a file can be fetched, with the token that it takes. Files of other organisations in shared channels
 * come without an address; it is asked for.
 *
 * @throws {PermanentError} MESSAGING_MEDIA_UNAVAILABLE when there is no address on Slack's own hosts.
 */
export async function resolveSlackMedia(
  options: { baseUrl: string; ref: MediaReference; channel: Channel<SlackCredentials> },
  context: Network,
): Promise<MediaAddress> {
  const { baseUrl, ref, channel } = options
  const { credentials } = channel
  let file: JsonObject | undefined
  if (!ref.url && ref.providerId) {
    const form = { file: ref.providerId }
    const answer = await callSlack({ baseUrl, credentials, method: 'files.info', form }, context)
    if (!answer.answered) throw answer.failure.error
    file = asObject(slackResult(answer)?.file)
  }
  const url = ref.url ?? asString(file?.url_private_download) ?? asString(file?.url_private)
  if (!isSlackUrl(url, baseUrl)) {
    const message = 'Slack gave no address for this file that may see the token'
    throw new PermanentError(message, { code: 'MESSAGING_MEDIA_UNAVAILABLE' })
  }
  return {
    url,
    headers: { authorization: `Bearer ${credentials.botToken}` },
    ...defined({ mediaType: asString(file?.mimetype), sizeBytes: asNumber(file?.size) }),
  }
}
