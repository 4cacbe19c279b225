import { baseUrlOf } from '../base-url.ts'
import { asObject } from '../json-value.ts'
import type { PlatformAdapter, PlatformCapabilities, VerifyResult } from '../platform-adapter.ts'
import type { RawRequest, RawResponse } from '../raw-request.ts'
import { isSignedTimeFresh } from '../signed-time.ts'
import { checkDiscordHealth } from './discord-api.ts'
import type { DiscordCredentials } from './discord-credentials.ts'
import { INTERACTION } from './discord-interaction.ts'
import { isWebhookEvent, normalizeDiscord, routeDiscord } from './discord-normalize.ts'
import { sendDiscord } from './discord-send.ts'
import { isEd25519Valid } from './discord-signature.ts'

/** Knobs of the adapter; credentials belong to each channel instead. */
export interface DiscordPlatformAdapterOptions {
  /** Default `https://discord.com/api/v10`. Tests and simulators put theirs here. */
  baseUrl?: string
  /** Who sees the answer to a command: everybody, or only who gave it. Default `everybody`. */
  answersSeenBy?: 'everybody' | 'invoker'
}

/** Webhook events come again for ten minutes; interactions never. @see https://docs.discord.com/developers/events/webhook-events */
const REDELIVERY_HORIZON_MS = 10 * 60 * 1000

const capabilities: PlatformCapabilities = {
  send: ['text', 'media', 'buttons', 'list', 'reaction', 'native'],
  receive: ['action.invoked', 'lifecycle', 'unknown'],
  media: { link: true, upload: true },
  replies: true,
  idempotencyKeys: true,
  signedTime: true,
  redeliveryHorizonMs: REDELIVERY_HORIZON_MS,
  limits: { textLength: 2000, buttons: 25, perSecond: 50 },
  notes: [
    'Ordinary messages, edits and reactions come through the gateway socket only, not by webhook.',
    'Commands, buttons and forms are deferred at once; answer within 15 minutes with `responseToken`.',
    'The text of an autocomplete arrives, but its suggestions would have to be in the answer: none are given.',
    'The key against sending twice is remembered for some minutes, and does not cover answers through `responseToken`.',
    'Only images can be sent by link.',
  ],
}

/** Discord: interactions (commands, buttons, forms) and webhook events, on one address. */
export function createDiscordPlatformAdapter(
  options: DiscordPlatformAdapterOptions = {},
): PlatformAdapter<DiscordCredentials> {
  const baseUrl = baseUrlOf(options.baseUrl ?? 'https://discord.com/api/v10')
  const flags = options.answersSeenBy === 'invoker' ? EPHEMERAL : 0
  return {
    platform: 'discord',
    displayName: 'Discord',
    capabilities,
    requiredCredentials: ['applicationId', 'publicKey', 'botToken'],
    route: routeDiscord,
    verify: (request, channel, { now }) => verify(request, channel.credentials, now()),
    handshake: (request) => answerPing(bodyOf(request)),
    normalize: normalizeDiscord,
    respond: (_events, request) => defer(bodyOf(request), flags),
    send: (part, message, channel, context) =>
      sendDiscord({ baseUrl, part, message, channel }, context),
    checkHealth: ({ credentials }, context) => checkDiscordHealth(baseUrl, credentials, context),
    validateCredentials: async (credentials, context) =>
      (await checkDiscordHealth(baseUrl, credentials, context)).status === 'healthy',
  }
}

/** Ed25519 over time and body. Discord sends wrong signatures on purpose and expects a refusal. */
function verify(request: RawRequest, credentials: DiscordCredentials, now: number): VerifyResult {
  const time = request.headers['x-signature-timestamp']
  const valid = isEd25519Valid({
    signed: [time ?? '', request.body],
    signature: request.headers['x-signature-ed25519'],
    publicKeys: [credentials.publicKey, credentials.previousPublicKey],
  })
  if (!valid) return { ok: false, reason: 'signature mismatch' }
  if (!isSignedTimeFresh(time, { now })) return { ok: false, reason: 'signed time too far away' }
  return { ok: true }
}

function bodyOf(request: RawRequest): Record<string, unknown> | undefined {
  try {
    return asObject(request.json())
  } catch {
    return undefined // not ours to judge: normalising will
  }
}

const JSON_HEADERS = { 'content-type': 'application/json' }

function answerPing(body: Record<string, unknown> | undefined): RawResponse | undefined {
  if (!body) return undefined
  if (isWebhookEvent(body)) return body.type === 0 ? { status: 204 } : undefined
  if (body.type !== INTERACTION.ping) return undefined
  return { status: 200, headers: JSON_HEADERS, body: JSON.stringify({ type: PONG }) }
}

/** @see https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-response-object-interaction-callback-type */
const PONG = 1
const DEFERRED_MESSAGE = 5
const DEFERRED_UPDATE = 6
const SUGGESTIONS = 8
/** Only who gave the command sees the answer. */
const EPHEMERAL = 64

/** Discord waits three seconds: say that the answer comes later. */
function defer(body: Record<string, unknown> | undefined, flags: number): RawResponse | undefined {
  if (!body) return undefined
  if (isWebhookEvent(body)) return { status: 204 }
  const answer = deferral(body, flags)
  return answer && { status: 200, headers: JSON_HEADERS, body: JSON.stringify(answer) }
}

function deferral(body: Record<string, unknown>, flags: number): object | undefined {
  const thinking = { type: DEFERRED_MESSAGE, ...(flags > 0 && { data: { flags } }) }
  switch (body.type) {
    case INTERACTION.command:
      return thinking
    case INTERACTION.component:
      return { type: DEFERRED_UPDATE }
    case INTERACTION.modal:
      return body.message === undefined ? thinking : { type: DEFERRED_UPDATE }
    case INTERACTION.autocomplete:
      return { type: SUGGESTIONS, data: { choices: [] } }
    default:
      return undefined
  }
}
