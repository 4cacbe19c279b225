import { randomUUID } from 'node:crypto'
import type { IntegrationError } from '@mortise/errors'
import { announceSend } from './announce-send.ts'
import type { Integration } from './define-integration.ts'
import type { Channel } from './integration-config.ts'
import type { IntegrationContext } from './integration-context.ts'
import type { SendResult } from './integration-hooks.ts'
import type { MessageTransport } from './message-transport.ts'
import type { OutboundMessage } from './outbound-message.ts'
import type { SendLimiter, SendLimits } from './send-limiter.ts'
import type { SendOutcome, SendOutcomeName } from './send-outcome.ts'
import { sendPart } from './send-part.ts'
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
  /** For how long an `idempotencyKey` is remembered. Default 24 h. */
  idempotencyTtlMs?: number
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
  limiter: SendLimiter
  limits: SendLimits
  random: () => number
  signal?: AbortSignal | undefined
}

/** A send on its way. */
export interface Send extends SendOptions {
  correlationId: string
  /** Milliseconds since 1970. */
  startedAt: number
}

/** How one part ended. */
export interface PartResult {
  outcome: SendOutcome
  attempts: number
}

export const SEND_POLICY: Required<SendPolicy> = {
  maxAttempts: 3,
  deadlineMs: 60_000,
  timeoutMs: 10_000,
  retryUnknown: false,
  idempotencyTtlMs: 24 * 60 * 60 * 1000,
}

/** Sends every part in order, stops at the first that fails, and always publishes how it ended. */
export async function sendMessage(options: SendOptions): Promise<MessageSendResult> {
  const { integration, message, ctx } = options
  const correlationId = message.correlationId ?? ctx.meta.correlationId ?? randomUUID()
  const send: Send = { ...options, correlationId, startedAt: ctx.now() }
  const messageIds: string[] = []
  const refusal = unsupportedBy(integration.adapter, message)
  let last: PartResult = { outcome: refusal ?? { outcome: 'sent' }, attempts: 0 }
  for (let index = 0; refusal === undefined && index < message.parts.length; index++) {
    last = await sendPart(send, index)
    if (last.outcome.outcome !== 'sent' && last.outcome.outcome !== 'duplicate') break
    if (last.outcome.messageId) messageIds.push(last.outcome.messageId)
  }
  const { outcome, attempts } = last
  const messageId = messageIds.at(-1)
  const result = {
    success: !('error' in outcome),
    outcome: outcome.outcome,
    messageIds,
    correlationId,
    attempts,
    ...(messageId && { messageId }),
    ...('error' in outcome && { error: outcome.error }),
  }
  return { ...result, eventStored: await announceSend(send, result) }
}
