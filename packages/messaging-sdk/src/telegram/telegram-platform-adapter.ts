import { baseUrlOf } from '../base-url.ts'
import type { InboundEvent } from '../inbound-event.ts'
import type { PlatformAdapter, PlatformCapabilities, VerifyResult } from '../platform-adapter.ts'
import type { RawRequest, RawResponse } from '../raw-request.ts'
import { isTokenValid } from '../signature.ts'
import { checkTelegramHealth, isTelegramTokenValid, resolveTelegramMedia } from './telegram-api.ts'
import type { TelegramCredentials } from './telegram-credentials.ts'
import { normalizeTelegram } from './telegram-normalize.ts'
import { sendTelegram } from './telegram-send.ts'

/** Knobs of the adapter; credentials belong to each channel instead. */
export interface TelegramPlatformAdapterOptions {
  /** Default `https://api.telegram.org`. A Bot API server of your own, a test or a simulator goes here. */
  baseUrl?: string
  /**
   * Answers presses on buttons with the webhook's own answer, so that the button stops spinning at once.
   * Turn it off to call `answerCallbackQuery` yourself (with a text, say). Default true.
   */
  answerCallbackQueries?: boolean
}

/** Updates that were not accepted are kept for a day. @see https://core.telegram.org/bots/api#getting-updates */
const REDELIVERY_HORIZON_MS = 24 * 60 * 60 * 1000

const capabilities: PlatformCapabilities = {
  send: ['text', 'media', 'location', 'buttons', 'reaction', 'native'],
  receive: [
    'message.received',
    'message.edited',
    'message.deleted',
    'reaction.changed',
    'action.invoked',
    'identity.changed',
    'lifecycle',
    'unknown',
  ],
  media: { link: true, upload: true },
  replies: true,
  idempotencyKeys: false,
  signedTime: false,
  redeliveryHorizonMs: REDELIVERY_HORIZON_MS,
  limits: { textLength: 4096, perSecond: 30, perRecipientPerSecond: 1 },
  notes: [
    'Telegram tells nothing of delivery or reading.',
    'Deleted messages are told for business accounts only.',
    'Reactions come only when setWebhook lists message_reaction in allowed_updates and the bot is an administrator.',
    'A bot can write only to people who wrote to it first.',
  ],
}

/** The Telegram Bot API. */
export function createTelegramPlatformAdapter(
  options: TelegramPlatformAdapterOptions = {},
): PlatformAdapter<TelegramCredentials> {
  const baseUrl = baseUrlOf(options.baseUrl ?? 'https://api.telegram.org')
  const answersCallbacks = options.answerCallbackQueries ?? true
  return {
    platform: 'telegram',
    displayName: 'Telegram',
    capabilities,
    requiredCredentials: ['botToken', 'secretToken'],
    route: () => [], // an update does not say for which bot it is
    verify: (request, channel) => verify(request, channel.credentials),
    normalize: normalizeTelegram,
    respond: (events) => (answersCallbacks ? answerCallbackQuery(events) : undefined),
    send: (part, message, channel, context) =>
      sendTelegram({ baseUrl, part, message, channel }, context),
    resolveMedia: (ref, channel, context) =>
      resolveTelegramMedia({ baseUrl, ref, channel }, context),
    checkHealth: ({ credentials }, context) =>
      checkTelegramHealth({ baseUrl, credentials }, context),
    validateCredentials: (credentials, context) =>
      isTelegramTokenValid({ baseUrl, credentials }, context),
  }
}

/** The word given to `setWebhook`, with every update. @see https://core.telegram.org/bots/api#setwebhook */
function verify(request: RawRequest, credentials: TelegramCredentials): VerifyResult {
  const token = request.headers['x-telegram-bot-api-secret-token']
  const known = [credentials.secretToken, credentials.previousSecretToken]
  return isTokenValid(token, known) ? { ok: true } : { ok: false, reason: 'secret token mismatch' }
}

/** @see https://core.telegram.org/bots/api#making-requests-when-getting-updates */
function answerCallbackQuery(events: readonly InboundEvent[]): RawResponse | undefined {
  const press = events.find(
    (event) => event.type === 'action.invoked' && event.kind === 'component',
  )
  if (press?.type !== 'action.invoked') return undefined
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      method: 'answerCallbackQuery',
      callback_query_id: press.responseToken,
    }),
  }
}
