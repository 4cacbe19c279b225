import type { InboundEvent, MessageReceived, Platform } from './inbound-event.ts'
import type { NormalizedMessage } from './normalized-message.ts'
import type { OutboundMessage } from './outbound-message.ts'
import type { SendOutcomeName } from './send-outcome.ts'

/** What every payload says. */
export interface IntegrationPayloadBase {
  tenantId: string
  channelId: string
  platform: Platform
  /** Milliseconds since 1970. */
  timestamp: number
  metadata?: Record<string, unknown>
}

/** On `INTEGRATION_CHANNELS.MESSAGE_RECEIVED`. */
export interface IntegrationMessageReceivedPayload extends IntegrationPayloadBase {
  /** The original's view. */
  message: NormalizedMessage
  /** The whole event. */
  event: MessageReceived
}

/** On `INTEGRATION_CHANNELS.EVENT_RECEIVED`. */
export interface IntegrationEventReceivedPayload extends IntegrationPayloadBase {
  event: InboundEvent
}

/** On `INTEGRATION_CHANNELS.MESSAGE_SENT`. */
export interface IntegrationMessageSentPayload extends IntegrationPayloadBase {
  /** The platform's id of the last part. */
  messageId?: string
  /** The platform's ids, one for each part. */
  messageIds: string[]
  correlationId: string
}

/** On `INTEGRATION_CHANNELS.MESSAGE_FAILED`. */
export interface IntegrationMessageFailedPayload extends IntegrationPayloadBase {
  error: string
  code: string
  outcome: SendOutcomeName
  message?: NormalizedMessage | OutboundMessage
  /** Ids of the parts that were sent before the failure. */
  messageIds: string[]
  correlationId: string
  retryCount: number
}
