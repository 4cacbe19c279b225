import type { IntegrationError } from '@mortise/errors'
import type { Integration } from './define-integration.ts'
import type { Channel } from './integration-config.ts'
import type { IntegrationContext } from './integration-context.ts'
import type { SendResult } from './integration-hooks.ts'
import type { MessageTransport } from './message-transport.ts'
import type { OutboundMessage } from './outbound-message.ts'
import type { SendLimiter, SendLimits } from './send-limiter.ts'
import type { SendOutcome, SendOutcomeName } from './send-outcome.ts'

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
