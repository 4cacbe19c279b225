import { baseUrlOf } from '../base-url.ts'
import type { PlatformAdapter, PlatformCapabilities } from '../platform-adapter.ts'
import { isHmacValid } from '../signature.ts'
import { checkLineHealth, type LineApi, resolveLineMedia } from './line-api.ts'
import type { LineCredentials } from './line-credentials.ts'
import { isLineVerification, normalizeLine, routeLine } from './line-normalize.ts'
import { sendLine } from './line-send.ts'

/** Knobs of the adapter; credentials belong to each channel instead. */
export interface LinePlatformAdapterOptions {
  /** Default `https://api.line.me`. Tests and simulators put theirs here. */
  baseUrl?: string
  /** Where files are. Default `https://api-data.line.me`, or `baseUrl` where that is given. */
  dataUrl?: string
}

/**
 * Redelivery is opt-in. We found no documented end of it; a week is on the safe side.
 * @see https://developers.line.biz/en/docs/messaging-api/receiving-messages/#webhook-redelivery
 */
const REDELIVERY_HORIZON_MS = 7 * 24 * 60 * 60 * 1000

const capabilities: PlatformCapabilities = {
  send: ['text', 'media', 'location', 'buttons', 'native'],
  receive: ['message.received', 'message.deleted', 'action.invoked', 'lifecycle', 'unknown'],
  media: { link: true, upload: false },
  replies: false,
  idempotencyKeys: true,
  signedTime: false,
  redeliveryHorizonMs: REDELIVERY_HORIZON_MS,
  limits: { textLength: 5000, buttons: 13, perSecond: 2000 },
  notes: [
    'LINE tells nothing of delivery, reading or reactions.',
    'Answers with a reply token (`responseToken`) are free, and good once, soon.',
    'Images go by https link; videos, audio and files need `native`.',
    'Up to 4 buttons stay with the message; up to 13 become quick replies, which vanish after one is picked.',
    'Quoting needs the quote token of the message: send `native`.',
  ],
}

/** The LINE Messaging API. */
export function createLinePlatformAdapter(
  options: LinePlatformAdapterOptions = {},
): PlatformAdapter<LineCredentials> {
  const api: LineApi = {
    baseUrl: baseUrlOf(options.baseUrl ?? 'https://api.line.me'),
    dataUrl: baseUrlOf(options.dataUrl ?? options.baseUrl ?? 'https://api-data.line.me', 'dataUrl'),
  }
  return {
    platform: 'line',
    displayName: 'LINE',
    capabilities,
    requiredCredentials: ['channelAccessToken', 'channelSecret'],
    route: routeLine,
    verify: (request, { credentials }) => {
      // @see https://developers.line.biz/en/docs/messaging-api/verify-webhook-signature/
      const valid = isHmacValid({
        algorithm: 'sha256',
        encoding: 'base64',
        signed: [request.body],
        signature: request.headers['x-line-signature'],
        secrets: [credentials.channelSecret, credentials.previousChannelSecret],
      })
      return valid ? { ok: true } : { ok: false, reason: 'signature mismatch' }
    },
    handshake: (request) => (isLineVerification(request) ? { status: 200 } : undefined),
    normalize: normalizeLine,
    send: (part, message, channel, context) => sendLine({ api, part, message, channel }, context),
    resolveMedia: async (ref, channel) => resolveLineMedia(api, ref, channel),
    checkHealth: ({ credentials }, context) => checkLineHealth(api, credentials, context),
    validateCredentials: async (credentials, context) =>
      (await checkLineHealth(api, credentials, context)).status === 'healthy',
  }
}
