import type { InboundEvent } from './inbound-event.ts'
import type { IntegrationConfig } from './integration-config.ts'
import type { IntegrationContext } from './integration-context.ts'
import type { NormalizedMessage } from './normalized-message.ts'
import type { HealthResult, PlatformCapabilities } from './platform-adapter.ts'

/** A webhook as the original's hooks see it. */
export interface WebhookEvent<TPayload = unknown> {
  tenantId: string
  channelId: string
  platform: string
  /** The body, parsed when it is read: JSON, or the fields of a form. Throws when it is neither. */
  payload: TPayload
  /** The bytes as they came; signatures cover these. */
  rawBody: Uint8Array
  headers: Record<string, string>
  /** When it was received, milliseconds since 1970. */
  timestamp: number
}

/** What became of a send, in the original's shape. */
export interface SendResult {
  success: boolean
  messageId?: string
  error?: Error
  metadata?: Record<string, unknown>
}

/** The original's hooks, for a platform without an adapter here. */
export interface IntegrationHooks<
  TCredentials = Record<string, string>,
  TDatasources = Record<string, unknown>,
> {
  /** All messages of a webhook, as the original's messages or as whole events. */
  normalize: (
    webhook: WebhookEvent,
  ) => Promise<(NormalizedMessage | InboundEvent)[]> | (NormalizedMessage | InboundEvent)[]
  /** Sends one message. A returned failure is retried unless its error says otherwise. */
  sendMessage: (
    ctx: IntegrationContext<TDatasources>,
    message: NormalizedMessage,
    config: IntegrationConfig<TCredentials>,
  ) => Promise<SendResult>
  /** Whether the payload has the platform's shape; throwing is a no. Absent: every shape is welcome. */
  validateWebhook?: (webhook: WebhookEvent) => boolean
  /** Whether the platform sent it; throwing is a no. Absent: webhooks are refused, unless `acceptUnsigned`. */
  validateSignature?: (
    webhook: WebhookEvent,
    config: IntegrationConfig<TCredentials>,
  ) => boolean | Promise<boolean>
  /** Takes webhooks without a signature check, for platforms that have none. Default false. */
  acceptUnsigned?: boolean
  /** The answer to a subscription's challenge, or `null` to refuse it. */
  verifyWebhook?: (params: { mode: string; token: string; challenge: string }) => string | null
  checkHealth?: (
    ctx: IntegrationContext<TDatasources>,
    config: IntegrationConfig<TCredentials>,
  ) => Promise<HealthResult>
  validateCredentials?: (credentials: TCredentials) => Promise<boolean>
  /** What the platform can do. Default: text and media out, messages in. */
  platformCapabilities?: Partial<PlatformCapabilities>
}
