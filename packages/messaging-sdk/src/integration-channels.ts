import type { ConsumerConfig } from './message-transport.ts'

/** The first word of every channel's name. */
export const NAMESPACE = 'mortise'

/** Where each kind of event is published. */
export const INTEGRATION_CHANNELS = {
  /** Somebody wrote: {@link IntegrationMessageReceivedPayload}. */
  MESSAGE_RECEIVED: `${NAMESPACE}.processing.message.received`,
  /** A send succeeded. */
  MESSAGE_SENT: `${NAMESPACE}.processing.message.sent`,
  /** A send failed for good. */
  MESSAGE_FAILED: `${NAMESPACE}.processing.message.failed`,
  /** Everything inbound that is no new message: edits, reactions, statuses, actions, unknown shapes. */
  EVENT_RECEIVED: `${NAMESPACE}.processing.event.received`,
} as const

/** One of {@link INTEGRATION_CHANNELS}. */
export type IntegrationChannelName =
  (typeof INTEGRATION_CHANNELS)[keyof typeof INTEGRATION_CHANNELS]

/** Ready-made consumer settings; they take effect where messages are consumed. */
export const CHANNEL_CONFIG = {
  DEFAULTS: {
    maxInFlight: 10,
    maxRetries: 3,
    deadLettering: { enabled: true, queueName: 'FAILED_MESSAGES' },
  },
  HIGH_PRIORITY: {
    maxInFlight: 50,
    maxRetries: 5,
    deadLettering: { enabled: true, queueName: 'FAILED_MESSAGES' },
  },
} as const satisfies Record<string, ConsumerConfig>
