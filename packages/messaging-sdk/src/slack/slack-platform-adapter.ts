import { baseUrlOf } from '../base-url.ts'
import type { InboundEvent } from '../inbound-event.ts'
import type { PlatformAdapter, PlatformCapabilities, VerifyResult } from '../platform-adapter.ts'
import type { RawRequest, RawResponse } from '../raw-request.ts'
import { isHmacValid } from '../signature.ts'
import { isSignedTimeFresh } from '../signed-time.ts'
import { checkSlackHealth, resolveSlackMedia } from './slack-api.ts'
import type { SlackCredentials } from './slack-credentials.ts'
import { normalizeSlack, routeSlack } from './slack-normalize.ts'
import { slackPayload } from './slack-payload.ts'
import { sendSlack } from './slack-send.ts'

/** Knobs of the adapter; credentials belong to each channel instead. */
export interface SlackPlatformAdapterOptions {
  /** Default `https://slack.com/api`. Tests and simulators put theirs here. */
  baseUrl?: string
}

/** Apps that ask for delayed events get them again for a day. @see https://docs.slack.dev/apis/events-api#delayed-events */
const REDELIVERY_HORIZON_MS = 24 * 60 * 60 * 1000

const capabilities: PlatformCapabilities = {
  send: ['text', 'media', 'buttons', 'list', 'reaction', 'native'],
  receive: [
    'message.received',
    'message.edited',
    'message.deleted',
    'reaction.changed',
    'action.invoked',
    'lifecycle',
    'unknown',
  ],
  media: { link: true, upload: true },
  replies: true,
  idempotencyKeys: false,
  signedTime: true,
  redeliveryHorizonMs: REDELIVERY_HORIZON_MS,
  limits: { textLength: 12_000, buttons: 25, perRecipientPerSecond: 1 },
  notes: [
    'Slack tells nothing of delivery or reading.',
    'Only images can be sent by link.',
    'A reply is a message in the thread of the other.',
    'Reactions are known by name; common emoji are translated, others need the name.',
    'A modal closes at once: errors in its fields cannot be shown, because the answer does not wait for a handler.',
  ],
}

/** Slack: Events API, interactivity and slash commands, all on one address. */
export function createSlackPlatformAdapter(
  options: SlackPlatformAdapterOptions = {},
): PlatformAdapter<SlackCredentials> {
  const baseUrl = baseUrlOf(options.baseUrl ?? 'https://slack.com/api')
  return {
    platform: 'slack',
    displayName: 'Slack',
    capabilities,
    requiredCredentials: ['botToken', 'signingSecret'],
    route: routeSlack,
    verify: (request, channel, { now }) => verify(request, channel.credentials, now()),
    handshake,
    normalize: normalizeSlack,
    respond: acknowledge,
    send: (part, message, channel, context) =>
      sendSlack({ baseUrl, part, message, channel }, context),
    resolveMedia: (ref, channel, context) => resolveSlackMedia({ baseUrl, ref, channel }, context),
    checkHealth: ({ credentials }, context) => checkSlackHealth({ baseUrl, credentials }, context),
    validateCredentials: async (credentials, context) =>
      (await checkSlackHealth({ baseUrl, credentials }, context)).status === 'healthy',
  }
}

/** HMAC-SHA256 over `v0:time:body`. @see https://docs.slack.dev/authentication/verifying-requests-from-slack */
function verify(request: RawRequest, credentials: SlackCredentials, now: number): VerifyResult {
  const time = request.headers['x-slack-request-timestamp']
  const header = request.headers['x-slack-signature']
  if (!header?.startsWith('v0=')) return { ok: false, reason: 'no signature' }
  const valid = isHmacValid({
    algorithm: 'sha256',
    encoding: 'hex',
    signed: [`v0:${time ?? ''}:`, request.body],
    signature: header.slice('v0='.length),
    secrets: [credentials.signingSecret, credentials.previousSigningSecret],
  })
  if (!valid) return { ok: false, reason: 'signature mismatch' }
  if (!isSignedTimeFresh(time, { now })) return { ok: false, reason: 'signed time too far away' }
  return { ok: true }
}

/** "Verify" in the console posts a challenge; `ssl_check` asks whether anybody is there. */
function handshake(request: RawRequest): RawResponse | undefined {
  try {
    const { value } = slackPayload(request)
    const fields = value as Record<string, unknown> | null
    if (fields?.ssl_check === '1') return { status: 200 }
    if (fields?.type !== 'url_verification' || typeof fields.challenge !== 'string')
      return undefined
    return { status: 200, headers: { 'content-type': 'text/plain' }, body: fields.challenge }
  } catch {
    return undefined // not ours to judge: normalising will
  }
}

/** An empty 200 takes everything; a menu that asks for its options gets none instead of an error. */
function acknowledge(events: readonly InboundEvent[]): RawResponse | undefined {
  const asks = events.some(
    (event) => event.type === 'action.invoked' && event.kind === 'autocomplete',
  )
  if (!asks) return undefined
  return { status: 200, headers: { 'content-type': 'application/json' }, body: '{"options":[]}' }
}
