import { baseUrlOf } from '../base-url.ts'
import { answerMetaChallenge, verifyMetaSignature } from '../meta-webhook.ts'
import type { PlatformAdapter, PlatformCapabilities } from '../platform-adapter.ts'
import type { WhatsAppCredentials } from './whatsapp-credentials.ts'
import { checkWhatsAppHealth, type GraphApi, resolveWhatsAppMedia } from './whatsapp-graph.ts'
import { normalizeWhatsApp, routeWhatsApp } from './whatsapp-normalize.ts'
import { sendWhatsApp } from './whatsapp-send.ts'

/** Knobs of the adapter; credentials belong to each channel instead. */
export interface WhatsAppPlatformAdapterOptions {
  /** Default `v25.0`. */
  apiVersion?: string
  /** Default `https://graph.facebook.com`. Tests and simulators put theirs here. */
  baseUrl?: string
}

const DAY_MS = 24 * 60 * 60 * 1000

/** @see https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks (delivery is retried for up to 7 days) */
const REDELIVERY_HORIZON_MS = 7 * DAY_MS

const capabilities: PlatformCapabilities = {
  send: ['text', 'media', 'location', 'buttons', 'list', 'template', 'reaction', 'native'],
  receive: [
    'message.received',
    'message.edited',
    'message.deleted',
    'reaction.changed',
    'message.status',
    'identity.changed',
    'lifecycle',
    'unknown',
  ],
  media: { link: true, upload: true },
  replies: true,
  idempotencyKeys: false,
  signedTime: false,
  redeliveryHorizonMs: REDELIVERY_HORIZON_MS,
  limits: {
    textLength: 4096,
    buttons: 3,
    perSecond: 80,
    perRecipientPerSecond: 1 / 6,
    recipientBurst: 45,
  },
  notes: ['Outside the 24-hour window only templates are delivered.'],
}

/** The WhatsApp Cloud API. */
export function createWhatsAppPlatformAdapter(
  options: WhatsAppPlatformAdapterOptions = {},
): PlatformAdapter<WhatsAppCredentials> {
  const api: GraphApi = {
    baseUrl: baseUrlOf(options.baseUrl ?? 'https://graph.facebook.com'),
    version: options.apiVersion ?? 'v25.0',
  }
  return {
    platform: 'whatsapp',
    displayName: 'WhatsApp',
    capabilities,
    requiredCredentials: ['phoneNumberId', 'accessToken', 'appSecret', 'verifyToken'],
    route: routeWhatsApp,
    verify: (request, channel) => verifyMetaSignature(request, channel.credentials),
    handshake: (request, channel) => answerMetaChallenge(request, channel.credentials),
    normalize: normalizeWhatsApp,
    send: (part, message, channel, context) =>
      sendWhatsApp({ api, part, message, channel }, context),
    resolveMedia: (ref, channel, context) => resolveWhatsAppMedia({ api, ref, channel }, context),
    checkHealth: (channel, context) => checkWhatsAppHealth(api, channel.credentials, context),
    validateCredentials: async (credentials, context) =>
      (await checkWhatsAppHealth(api, credentials, context)).status === 'healthy',
  }
}
