import { createHash } from 'node:crypto'
import type { Conversation, InboundEventBase, UnknownEvent } from './inbound-event.ts'
import type { NormalizeContext } from './platform-adapter.ts'

/** What an adapter knows about an event, before its type-specific fields. */
export interface EventBaseOptions {
  platform: string
  /** What makes the event one of a kind within its channel: the platform's own id wherever there is one. */
  providerKey: string
  conversation: Conversation
  /** ISO 8601. Default: the time of receipt. */
  occurredAt?: string | undefined
  /** Default: the conversation's id. */
  orderKey?: string
  redelivery?: InboundEventBase['redelivery'] | undefined
  raw: unknown
}

/** The fields that all events share, with the deterministic id. */
export function eventBase(
  options: EventBaseOptions,
  context: Pick<NormalizeContext<unknown>, 'channel' | 'receivedAt'>,
): InboundEventBase {
  const { channel, receivedAt } = context
  return {
    specversion: 1,
    id: `${options.platform}:${channel.id}:${options.providerKey}`,
    platform: options.platform,
    tenantId: channel.tenantId,
    channelId: channel.id,
    conversation: options.conversation,
    occurredAt: options.occurredAt ?? receivedAt,
    receivedAt,
    orderKey: options.orderKey ?? options.conversation.id,
    ...(options.redelivery && { redelivery: options.redelivery }),
    raw: options.raw,
  }
}

/**
 * An event for what has no shape here. Without a key of its own it is known by the hash of its content,
 * so that a redelivery is still the same event.
 */
export function unknownEvent(
  options: { platform: string; reason: string; raw: unknown; providerKey?: string } & Partial<
    Pick<EventBaseOptions, 'conversation' | 'occurredAt'>
  >,
  context: Pick<NormalizeContext<unknown>, 'channel' | 'receivedAt'>,
): UnknownEvent {
  const conversation = options.conversation ?? { id: 'unknown', kind: 'unknown' }
  const providerKey = options.providerKey ?? `unknown:${contentHash(options.raw)}`
  return {
    ...eventBase({ ...options, conversation, providerKey }, context),
    type: 'unknown',
    reason: options.reason,
  }
}

/** A short stable name for a JSON value that brought no id of its own. */
export function contentHash(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(value) ?? 'undefined')
    .digest('base64url')
    .slice(0, 22)
}

/** ISO 8601 of a platform's epoch time, given as number or string; `undefined` when it is none. */
export function isoFromEpoch(value: unknown, unit: 's' | 'ms'): string | undefined {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value
  if (typeof number !== 'number' || !Number.isFinite(number) || number <= 0) return undefined
  const ms = unit === 's' ? number * 1000 : number
  return ms <= LAST_FOUR_DIGIT_YEAR_MS ? new Date(ms).toISOString() : undefined
}

/** Later years have a sign and six digits, which few readers of ISO 8601 take; nobody's clock is there. */
const LAST_FOUR_DIGIT_YEAR_MS = Date.parse('9999-12-31T23:59:59.999Z')
