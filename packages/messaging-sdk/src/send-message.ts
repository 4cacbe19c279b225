import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type IntegrationError, PermanentError } from '@mortise/errors'
import type {
  IntegrationMessageFailedPayload,
  IntegrationMessageSentPayload,
} from './channel-payloads.ts'
import type { Integration } from './define-integration.ts'
import { fullJitter } from './delivery-decision.ts'
import { INTEGRATION_CHANNELS } from './integration-channels.ts'
import type { Channel } from './integration-config.ts'
import type { IntegrationContext } from './integration-context.ts'
import type { SendResult } from './integration-hooks.ts'
import type { Envelope, MessageTransport } from './message-transport.ts'
import type { OutboundMessage } from './outbound-message.ts'
import type { SendOutcome, SendOutcomeName } from './send-outcome.ts'
import { unsupportedBy } from './unsupported-by.ts'

/** How hard to try. */
export interface SendPolicy {
  /** Tries of each part, the first included. Default 3. */
  maxAttempts?: number
  /** No try starts later than this after the call. Default 60 s. */
  deadlineMs?: number
  /** One try's patience. Default 10 s. */
  timeoutMs?: number
  /** Repeat sends whose outcome nobody knows, at the risk of sending twice. Default false. */
  retryUnknown?: boolean
}

/** What became of a send: the original's fields and ours. */
export interface MessageSendResult extends SendResult {
  outcome: SendOutcomeName
  /** The platform's ids, one for each part that was sent. */
  messageIds: string[]
  correlationId: string
  /** Tries of the last part. */
  attempts: number
  /** `message.sent` or `message.failed` is stored. */
  eventStored: boolean
  error?: IntegrationError
}

/** What sending needs. */
export interface SendOptions {
  integration: Integration
  transport: MessageTransport
  channel: Channel<unknown>
  message: OutboundMessage
  ctx: IntegrationContext
  policy: Required<SendPolicy>
  random: () => number
  signal?: AbortSignal | undefined
}

export const SEND_POLICY: Required<SendPolicy> = {
  maxAttempts: 3,
  deadlineMs: 60_000,
  timeoutMs: 10_000,
  retryUnknown: false,
}

/** Pauses between tries: full jitter under 0.5 s, 1 s, 2 s … 30 s, unless the platform says how long. */
const BACKOFF = { firstMs: 500, maxMs: 30_000 }

/** Sends every part, retries what time heals, and always publishes how it ended. */
export async function sendMessage(options: SendOptions): Promise<MessageSendResult> {
  const { integration, message, ctx } = options
  const correlationId = message.correlationId ?? ctx.meta.correlationId ?? randomUUID()
  const send = { ...options, correlationId, startedAt: ctx.now() }
  const messageIds: string[] = []
  const refusal = unsupportedBy(integration.adapter, message)
  let last: { outcome: SendOutcome; attempts: number } = {
    outcome: refusal ?? { outcome: 'sent' },
    attempts: 0,
  }
  for (let index = 0; !refusal && index < message.parts.length; index++) {
    last = await sendPart(send, index)
    if (last.outcome.outcome !== 'sent' && last.outcome.outcome !== 'duplicate') break
    if (last.outcome.messageId) messageIds.push(last.outcome.messageId)
  }
  const result = toResult(last, { messageIds, correlationId })
  const eventStored = await announce(send, result)
  return { ...result, eventStored }
}

type Send = SendOptions & { correlationId: string; startedAt: number }

async function sendPart(
  send: Send,
  index: number,
): Promise<{ outcome: SendOutcome; attempts: number }> {
  const { policy, ctx, random } = send
  for (let attempt = 1; ; attempt++) {
    const outcome = await attemptPart(send, index)
    const pause = retryPause(outcome, {
      send,
      attempt,
      backoff: fullJitter(attempt, random, BACKOFF),
    })
    const isLate = pause !== undefined && ctx.now() + pause - send.startedAt > policy.deadlineMs
    if (pause === undefined || isLate || attempt >= policy.maxAttempts) {
      return { outcome, attempts: attempt }
    }
    const woken = await sleep(pause, true, { signal: send.signal }).catch(() => false)
    if (!woken) return { outcome, attempts: attempt }
  }
}

/** How long to wait before the same part is tried again; `undefined`: never. */
function retryPause(
  outcome: SendOutcome,
  options: { send: Send; attempt: number; backoff: number },
): number | undefined {
  const { send, backoff } = options
  const { idempotencyKeys } = send.integration.adapter.capabilities
  switch (outcome.outcome) {
    case 'throttled':
    case 'retryable':
      return outcome.error.retryAfterMs ?? backoff
    case 'unknown':
      return idempotencyKeys || send.policy.retryUnknown ? backoff : undefined
    default:
      return undefined
  }
}

async function attemptPart(send: Send, index: number): Promise<SendOutcome> {
  const { integration, message, channel, ctx, policy, correlationId } = send
  const part = message.parts[index]
  if (!part) throw new TypeError(`no part ${index}`)
  const timeout = AbortSignal.timeout(policy.timeoutMs)
  const signal = send.signal ? AbortSignal.any([send.signal, timeout]) : timeout
  const idempotencyKey = `${message.idempotencyKey ?? correlationId}:${index}`
  const { fetch, now } = ctx
  const context = { fetch, now, signal, idempotencyKey, correlationId, app: ctx }
  try {
    return await integration.adapter.send(part, message, channel, context)
  } catch (cause) {
    // An adapter that throws broke its contract; whether anything left is anybody's guess.
    const text = `The ${integration.adapter.displayName} adapter failed`
    const error = new PermanentError(text, { code: 'BUG', cause, outcome: 'unknown' })
    return { outcome: 'unknown', error }
  }
}

function toResult(
  last: { outcome: SendOutcome; attempts: number },
  known: { messageIds: string[]; correlationId: string },
): Omit<MessageSendResult, 'eventStored'> {
  const { outcome, attempts } = last
  const shared = { ...known, outcome: outcome.outcome, attempts }
  if ('error' in outcome) return { success: false, ...shared, error: outcome.error }
  const messageId = known.messageIds.at(-1)
  return { success: true, ...shared, ...(messageId && { messageId }) }
}

/** `message.sent` or `message.failed`, with an id that one send has only once. */
async function announce(
  send: Send,
  result: Omit<MessageSendResult, 'eventStored'>,
): Promise<boolean> {
  const { channel, integration, message, ctx, transport, correlationId } = send
  const { platform } = integration.adapter
  const shared = {
    tenantId: channel.tenantId,
    channelId: channel.id,
    platform,
    messageIds: result.messageIds,
    correlationId,
    timestamp: ctx.now(),
    ...(message.metadata && { metadata: message.metadata }),
  }
  const sent: IntegrationMessageSentPayload = {
    ...shared,
    ...(result.messageId && { messageId: result.messageId }),
  }
  const payload: IntegrationMessageSentPayload | IntegrationMessageFailedPayload = result.error
    ? {
        ...shared,
        error: result.error.message,
        code: result.error.code,
        outcome: result.outcome,
        message,
        retryCount: Math.max(0, result.attempts - 1),
      }
    : sent
  const name = result.success ? 'MESSAGE_SENT' : 'MESSAGE_FAILED'
  const envelope: Envelope = {
    id: `${platform}:${channel.id}:${randomUUID()}`,
    channel: INTEGRATION_CHANNELS[name],
    tenantId: channel.tenantId,
    channelId: channel.id,
    orderKey: `${channel.tenantId}/${channel.id}/${message.to.id}`,
    payload,
    headers: { 'correlation-id': correlationId },
  }
  const [outcome] = await transport.publish([envelope])
  if (outcome?.status !== 'failed') return true
  ctx.logger.error('How a send ended could not be stored', {
    correlationId,
    success: result.success,
    error: outcome.error.message,
  })
  return false
}
