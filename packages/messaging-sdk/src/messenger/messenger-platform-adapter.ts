import { baseUrlOf } from '../base-url.ts'
import { answerMetaChallenge, verifyMetaSignature } from '../meta-webhook.ts'
import type { PlatformAdapter, PlatformCapabilities } from '../platform-adapter.ts'
import { checkMessengerHealth, type MessengerApi } from './messenger-api.ts'
import type { MessengerCredentials } from './messenger-credentials.ts'
import { normalizeMessenger, routeMessenger } from './messenger-normalize.ts'
import { sendMessenger } from './messenger-send.ts'

/** Knobs of the adapter; credentials belong to each channel instead. */
export interface MessengerPlatformAdapterOptions {
  /** Default `v25.0`. */
  apiVersion?: string
  /**
   * Default `https://graph.facebook.com`. Accounts set up with Instagram Login answer at
   * `https://graph.instagram.com`; tests and simulators put theirs here.
   */
  baseUrl?: string
}

/**
 * Meta tries "until successfully completed" and names an end for WhatsApp only; the same week is on the safe side.
 * @see https://developers.facebook.com/docs/messenger-platform/faq
 */
const REDELIVERY_HORIZON_MS = 7 * 24 * 60 * 60 * 1000

const capabilities: PlatformCapabilities = {
  send: ['text', 'media', 'buttons', 'native'],
  receive: [
    'message.received',
    'message.edited',
    'message.deleted',
    'reaction.changed',
    'message.status',
    'action.invoked',
    'lifecycle',
    'unknown',
  ],
  media: { link: true, upload: true },
  replies: true,
  idempotencyKeys: false,
  signedTime: false,
  redeliveryHorizonMs: REDELIVERY_HORIZON_MS,
  limits: { textLength: 2000, buttons: 13 },
  notes: [
    'A person can be answered for 24 hours after they wrote.',
    'Up to 3 buttons stay with the message; 4 to 13 become quick replies, which vanish after one is picked.',
    'Messenger tells delivery and reading as a watermark: everything sent up to then.',
    'Instagram shows texts up to 1000 bytes, takes no uploads (send a link), and tells reading but no delivery.',
  ],
}

/** Messenger of a Facebook page, and Instagram's direct messages: the same webhooks and the same Send API. */
export function createMessengerPlatformAdapter(
  options: MessengerPlatformAdapterOptions = {},
): PlatformAdapter<MessengerCredentials> {
  const api: MessengerApi = {
    baseUrl: baseUrlOf(options.baseUrl ?? 'https://graph.facebook.com'),
    version: options.apiVersion ?? 'v25.0',
  }
  return {
    platform: 'messenger',
    displayName: 'Messenger',
    capabilities,
    requiredCredentials: ['pageId', 'accessToken', 'appSecret', 'verifyToken'],
    route: routeMessenger,
    verify: (request, channel) => verifyMetaSignature(request, channel.credentials),
    handshake: (request, channel) => answerMetaChallenge(request, channel.credentials),
    normalize: normalizeMessenger,
    send: (part, message, channel, context) =>
      sendMessenger({ api, part, message, channel }, context),
    checkHealth: (channel, context) => checkMessengerHealth(api, channel.credentials, context),
    validateCredentials: async (credentials, context) =>
      (await checkMessengerHealth(api, credentials, context)).status === 'healthy',
  }
}
