import { PermanentError } from '@mortise/errors'
import {
  asArray,
  asNumber,
  asObject,
  asString,
  callPlatform,
  eventBase,
  type InboundEvent,
  isHmacValid,
  isoFromEpoch,
  type NormalizeContext,
  outcomeOfStatus,
  type PlatformAdapter,
  type RawRequest,
  type SendOutcome,
  unknownEvent,
} from '@mortise/messaging-sdk'

/** What a channel on Acme needs. */
export interface AcmeCredentials {
  accessToken: string
  /** Signs the webhooks. */
  secret: string
  /** The secret before the last change; accepted while Acme still signs with it. */
  previousSecret?: string
}

/**
 * A chat platform that posts `{ events: [{ id, type: 'text', from, text, at }] }` with `x-acme-signature`, the HMAC
 * of the body, and takes texts at `POST /messages`.
 */
export function createAcmePlatformAdapter(
  options: { baseUrl?: string } = {},
): PlatformAdapter<AcmeCredentials> {
  const baseUrl = options.baseUrl ?? 'https://api.acme.example'
  return {
    platform: 'acme',
    displayName: 'Acme',
    capabilities: {
      send: ['text'],
      receive: ['message.received', 'unknown'],
      media: { link: false, upload: false },
      replies: false,
      idempotencyKeys: false,
      signedTime: false,
      redeliveryHorizonMs: 24 * 60 * 60 * 1000,
      limits: { textLength: 2000, perSecond: 10 },
    },
    requiredCredentials: ['accessToken', 'secret'],
    route: () => [], // a delivery does not name its channel: the path does
    verify: (request, { credentials }) => {
      const isValid = isHmacValid({
        algorithm: 'sha256',
        encoding: 'hex',
        signed: [request.body],
        signature: request.headers['x-acme-signature'],
        secrets: [credentials.secret, credentials.previousSecret],
      })
      return isValid ? { ok: true } : { ok: false, reason: 'signature mismatch' }
    },
    normalize,
    send: async (part, message, { credentials }, context) => {
      if (part.type !== 'text') return refused(`Acme cannot send ${part.type}`)
      if (message.replyToMessageId) return refused('Acme cannot quote: leave out replyToMessageId')
      const request = {
        platform: 'Acme',
        url: `${baseUrl}/messages`,
        headers: { authorization: `Bearer ${credentials.accessToken}` },
        json: { to: message.to.id, text: part.text },
      }
      const answer = await callPlatform(request, context)
      if (!answer.answered) return answer.failure
      const messageId = asString(asObject(answer.body)?.id)
      return answer.status === 200 && messageId !== undefined
        ? { outcome: 'sent', messageId, raw: answer.body }
        : outcomeOfStatus(answer, { platform: 'Acme', now: context.now() })
    },
  }
}

/** One event for each element, also for those that make no sense: one bad element costs no other. */
function normalize(
  request: RawRequest,
  context: NormalizeContext<AcmeCredentials>,
): InboundEvent[] {
  const body = request.json()
  const elements = asArray(asObject(body)?.events)
  if (elements.length === 0) return [unknown('no events', body, context)]
  return elements.map((element) => toEvent(element, context))
}

function toEvent(raw: unknown, context: NormalizeContext<AcmeCredentials>): InboundEvent {
  const { id, type, from, text, at } = asObject(raw) ?? {}
  const messageId = asString(id)
  const sender = asString(from)
  const words = asString(text)
  if (type !== 'text' || !messageId || !sender || words === undefined)
    return unknown('not a text', raw, context)
  return {
    ...eventBase(
      {
        platform: 'acme',
        providerKey: messageId,
        conversation: { id: sender, kind: 'direct' },
        occurredAt: isoFromEpoch(asNumber(at), 'ms'),
        raw,
      },
      context,
    ),
    type: 'message.received',
    from: { ids: [{ kind: 'user', value: sender }], primary: sender },
    messageId,
    parts: [{ type: 'text', text: words, format: 'plain' }],
    origin: 'user',
  }
}

function unknown(reason: string, raw: unknown, context: NormalizeContext<AcmeCredentials>) {
  return unknownEvent({ platform: 'acme', reason, raw }, context)
}

function refused(message: string): SendOutcome {
  const error = new PermanentError(message, { code: 'ACME_PART_UNSUPPORTED', outcome: 'not_sent' })
  return { outcome: 'permanent', error }
}
