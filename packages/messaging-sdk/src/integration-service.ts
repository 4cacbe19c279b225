import type { Integration } from './define-integration.ts'
import type { InboundEvent } from './inbound-event.ts'
import type { AppMeta, IntegrationContext } from './integration-context.ts'
import type { Logger } from './logger.ts'
import type { MediaAddress } from './media-address.ts'
import type { MediaReference } from './message-part.ts'
import type {
  ConsumeOptions,
  Delivery,
  MessageTransport,
  Subscription,
} from './message-transport.ts'
import type { NormalizedMessage } from './normalized-message.ts'
import type { OutboundMessage } from './outbound-message.ts'
import type { HealthResult } from './platform-adapter.ts'
import type { RawRequest } from './raw-request.ts'
import type { ReceiveResult } from './receive-webhook.ts'
import type { MessageSendResult, SendPolicy } from './send.ts'
import type { SendLimits } from './send-limiter.ts'

/** What an integration runs with. */
export interface IntegrationServiceOptions {
  integration: Integration
  /** Where events are kept. Closing it stays yours. */
  transport: MessageTransport
  send?: SendPolicy
  /** How fast each channel may send, over what the platform names. `false`: as fast as asked. */
  limits?: SendLimits | false
  /** Default: silent. */
  logger?: Logger
  /** Default: the global one. */
  fetch?: typeof globalThis.fetch
  /** Milliseconds since 1970. Default `Date.now`. */
  now?: () => number
  /** 0 to 1. Default `Math.random`. */
  random?: () => number
}

/** Options of any call: who is asking, and when it has lost its point. */
export interface ServiceCallOptions {
  meta?: AppMeta
  signal?: AbortSignal
}

/** Options of one send. */
export interface SendCallOptions extends SendPolicy, ServiceCallOptions {
  channelId: string
}

/** A running integration. The doors (`createFetchHandler`, `/http`, `/moleculer`) call these. */
export interface IntegrationService extends AsyncDisposable {
  integration: Integration
  transport: MessageTransport
  /** Ready for the hooks of one call; doors that add actions of their own start from it. */
  context: (meta?: AppMeta) => IntegrationContext
  /**
   * `i_receiveWebhook` and `i_verifyWebhook`: a POST is verified and stored, a GET answers a challenge.
   * Resolves with what the platform must be told, whatever happens.
   */
  receiveWebhook: (
    request: RawRequest,
    options?: ServiceCallOptions & { channelId?: string | undefined },
  ) => Promise<ReceiveResult>
  /**
   * `i_sendMessage`. Resolves with an outcome for whatever the platform does.
   * @throws {TypeError} naming the field of the message that is missing or wrong.
   * @throws {PermanentError} MESSAGING_CHANNEL_UNKNOWN when the caller's tenant has no such channel.
   * @throws {AuthError} PERMISSION_DENIED when the integration's rule says no. So do the next three.
   */
  sendMessage: (
    message: OutboundMessage | NormalizedMessage,
    options: SendCallOptions,
  ) => Promise<MessageSendResult>
  /** `i_healthCheck`: the transport, and the platform when a channel is named. */
  checkHealth: (options?: ServiceCallOptions & { channelId?: string }) => Promise<HealthResult>
  /** `i_status`: the spec, and what the platform can do. */
  status: (options?: ServiceCallOptions) => Promise<Record<string, unknown>>
  /** `i_validateCredentials`. */
  validateCredentials: (
    credentials: Record<string, string>,
    options?: ServiceCallOptions,
  ) => Promise<{ valid: boolean; message?: string }>
  /**
   * Where an inbound medium can be fetched now, with the headers that it takes. They may hold secrets.
   * @throws {PermanentError} MESSAGING_MEDIA_UNAVAILABLE when the reference names nothing that can be fetched.
   */
  resolveMedia: (
    ref: MediaReference,
    options: ServiceCallOptions & { channelId: string },
  ) => Promise<MediaAddress>
  /** Handles inbound events of every integration on the transport, in order within each conversation. */
  consume: (
    options: ConsumeOptions,
    handler: (event: InboundEvent, delivery: Delivery) => Promise<void>,
  ) => Promise<Subscription>
  /** Disposes datasources and cache. The transport stays open. */
  close: () => Promise<void>
}
