import { baseUrlOf } from '../base-url.ts'
import type { InboundEvent } from '../inbound-event.ts'
import type { PlatformAdapter, PlatformCapabilities } from '../platform-adapter.ts'
import type { RawResponse } from '../raw-request.ts'
import { checkTwilioHealth, resolveTwilioMedia } from './twilio-api.ts'
import type { TwilioCredentials } from './twilio-credentials.ts'
import { normalizeTwilio, routeTwilio } from './twilio-normalize.ts'
import { sendTwilio } from './twilio-send.ts'
import { isTwilioSignatureValid } from './twilio-signature.ts'

/** Knobs of the adapter; credentials belong to each channel instead. */
export interface TwilioPlatformAdapterOptions {
  /** Default `https://api.twilio.com`. Other regions, tests and simulators put theirs here. */
  baseUrl?: string
  /** Where Twilio tells what became of each message. Default: what the messaging service says, or nowhere. */
  statusCallback?: string
}

/**
 * All tries of one address end within 15 seconds ("total time"), and a fallback address has its own.
 * @see https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
 */
const REDELIVERY_HORIZON_MS = 60_000

const capabilities: PlatformCapabilities = {
  send: ['text', 'media', 'template', 'native'],
  receive: ['message.received', 'message.status', 'unknown'],
  media: { link: true, upload: false },
  replies: false,
  idempotencyKeys: false,
  signedTime: false,
  redeliveryHorizonMs: REDELIVERY_HORIZON_MS,
  limits: { textLength: 1600 },
  notes: [
    'Twilio signs the public address: behind a proxy the door must know it.',
    'Statuses come only with `statusCallback`, or when the messaging service has one.',
    'Buttons and lists are content templates, made in the console: send `template` with their `HX…` name.',
    'A longer SMS is billed and carried in segments.',
    'Twilio asks for 15 seconds at most, and after an answer only where the address says so (`#rc=5&rp=all`): what comes while you are away longer is in its log alone.',
  ],
}

/** Twilio: SMS, MMS, and WhatsApp through Twilio. */
export function createTwilioPlatformAdapter(
  options: TwilioPlatformAdapterOptions = {},
): PlatformAdapter<TwilioCredentials> {
  const baseUrl = baseUrlOf(options.baseUrl ?? 'https://api.twilio.com')
  const { statusCallback } = options
  return {
    platform: 'twilio',
    displayName: 'Twilio',
    capabilities,
    requiredCredentials: ['accountSid', 'authToken', 'from'],
    route: routeTwilio,
    verify: (request, { credentials }) => {
      const secrets = [credentials.authToken, credentials.previousAuthToken]
      const valid = isTwilioSignatureValid(request, secrets)
      return valid ? { ok: true } : { ok: false, reason: 'signature mismatch' }
    },
    normalize: normalizeTwilio,
    respond: answerWithoutReply,
    send: (part, message, channel, context) =>
      sendTwilio({ baseUrl, statusCallback, part, message, channel }, context),
    resolveMedia: (ref, channel, context) => resolveTwilioMedia({ baseUrl, ref, channel }, context),
    checkHealth: ({ credentials }, context) => checkTwilioHealth(baseUrl, credentials, context),
    validateCredentials: async (credentials, context) =>
      (await checkTwilioHealth(baseUrl, credentials, context)).status === 'healthy',
  }
}

/** Twilio wants TwiML for a message; an empty one says nothing to the sender. @see https://www.twilio.com/docs/messaging/twiml */
function answerWithoutReply(events: readonly InboundEvent[]): RawResponse | undefined {
  if (!events.some(({ type }) => type === 'message.received')) return undefined
  return { status: 200, headers: { 'content-type': 'text/xml' }, body: '<Response/>' }
}
