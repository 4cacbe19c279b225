import { randomUUID } from 'node:crypto'
import { PermanentError } from '@mortise/errors'
import type { Integration } from './define-integration.ts'
import type { InboundEvent } from './inbound-event.ts'
import { INTEGRATION_CHANNELS } from './integration-channels.ts'
import {
  type AppMeta,
  type IntegrationContext,
  type Logger,
  silentLogger,
} from './integration-context.ts'
import type {
  ConsumeOptions,
  Delivery,
  MessageTransport,
  Subscription,
} from './message-transport.ts'
import type { NormalizedMessage } from './normalized-message.ts'
import type { OutboundMessage } from './outbound-message.ts'
import { parseOutboundMessage } from './outbound-message-schema.ts'
import type { HealthResult } from './platform-adapter.ts'
import type { RawRequest } from './raw-request.ts'
import { findChannel, type ReceiveResult, receiveWebhook } from './receive-webhook.ts'
import { createSendLimiter, type SendLimits } from './send-limiter.ts'
import {
  type MessageSendResult,
  SEND_POLICY,
  type SendPolicy,
  sendMessage,
} from './send-message.ts'

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

/** Options of one send. */
export interface SendCallOptions extends SendPolicy {
  channelId: string
  meta?: AppMeta
  signal?: AbortSignal
}

/** A running integration. The doors (`createFetchHandler`, `/http`, `/moleculer`) call these. */
export interface IntegrationService {
  integration: Integration
  transport: MessageTransport
  /** `i_receiveWebhook` and `i_verifyWebhook`: a POST is verified and stored, a GET answers a challenge. */
  receiveWebhook: (
    request: RawRequest,
    options?: { channelId?: string | undefined; meta?: AppMeta },
  ) => Promise<ReceiveResult>
  /**
   * `i_sendMessage`. Resolves with an outcome for whatever the platform does.
   * @throws {TypeError} naming the field of the message that is missing or wrong.
   * @throws {PermanentError} MESSAGING_CHANNEL_UNKNOWN when there is no such channel.
   */
  sendMessage: (
    message: OutboundMessage | NormalizedMessage,
    options: SendCallOptions,
  ) => Promise<MessageSendResult>
  /** `i_healthCheck`: the transport, and the platform when a channel is named. */
  checkHealth: (options?: { channelId?: string; signal?: AbortSignal }) => Promise<HealthResult>
  /** `i_status`. */
  status: () => Record<string, unknown>
  /** `i_validateCredentials`. */
  validateCredentials: (
    credentials: Record<string, string>,
    options?: { signal?: AbortSignal },
  ) => Promise<{ valid: boolean; message?: string }>
  /** Handles inbound events, in order within each conversation. */
  consume: (
    options: ConsumeOptions,
    handler: (event: InboundEvent, delivery: Delivery) => Promise<void>,
  ) => Promise<Subscription>
}

/** How long health and credential checks wait for the platform. */
const CHECK_TIMEOUT_MS = 10_000

/** Runs an integration over a transport. Nothing starts and nothing listens until a door or you ask. */
export function createIntegrationService(options: IntegrationServiceOptions): IntegrationService {
  const { integration, transport } = options
  const { adapter, spec } = integration
  const contextOf = (meta: AppMeta = {}): IntegrationContext => ({
    meta: { ...meta, correlationId: meta.correlationId ?? randomUUID() },
    datasources: {},
    logger: options.logger ?? silentLogger,
    fetch: options.fetch ?? globalThis.fetch,
    now: options.now ?? Date.now,
  })

  const limiter = createSendLimiter(options.now ?? Date.now)
  const limits: SendLimits =
    options.limits === false ? {} : { ...adapter.capabilities.limits, ...options.limits }

  async function channelOf(channelId: string, ctx: IntegrationContext) {
    const channel = await findChannel([channelId], { integration, ctx })
    if (channel) return channel
    throw new PermanentError(`Channel configuration not found: ${channelId}`, {
      code: 'MESSAGING_CHANNEL_UNKNOWN',
      outcome: 'not_sent',
    })
  }

  async function checkHealth(
    query: { channelId?: string; signal?: AbortSignal } = {},
  ): Promise<HealthResult> {
    try {
      await transport.ping()
    } catch {
      return { status: 'unhealthy', message: 'The transport does not answer' }
    }
    if (query.channelId === undefined || !adapter.checkHealth) return { status: 'healthy' }
    const ctx = contextOf()
    const channel = await channelOf(query.channelId, ctx)
    const signal = query.signal ?? AbortSignal.timeout(CHECK_TIMEOUT_MS)
    return adapter.checkHealth(channel, { ...ctx, signal, app: ctx })
  }

  return {
    integration,
    transport,
    receiveWebhook: (request, call = {}) =>
      receiveWebhook({
        integration,
        transport,
        request,
        channelId: call.channelId,
        ctx: contextOf(call.meta),
      }),
    sendMessage: async (given, call) => {
      const { channelId, meta, signal, ...policy } = call
      const ctx = contextOf(meta)
      const parsed = parseOutboundMessage(given)
      const channel = await channelOf(channelId, ctx)
      const transformed = await integration.transform?.(ctx, parsed)
      const message = transformed ? parseOutboundMessage(transformed) : parsed
      return sendMessage({
        integration,
        transport,
        channel,
        message,
        ctx,
        policy: { ...SEND_POLICY, ...options.send, ...policy },
        limiter,
        limits,
        random: options.random ?? Math.random,
        signal,
      })
    },
    checkHealth,
    status: () => ({ ...spec, platformCapabilities: adapter.capabilities }),
    validateCredentials: async (credentials, call = {}) => {
      const missing = adapter.requiredCredentials.filter((name) => !credentials[name])
      if (missing.length > 0) return { valid: false, message: `missing: ${missing.join(', ')}` }
      if (!adapter.validateCredentials) return { valid: true, message: 'nothing to ask' }
      const signal = call.signal ?? AbortSignal.timeout(CHECK_TIMEOUT_MS)
      const { fetch } = contextOf()
      return { valid: await adapter.validateCredentials(credentials, { fetch, signal }) }
    },
    consume: (consumeOptions, handler) => {
      const { MESSAGE_RECEIVED, EVENT_RECEIVED } = INTEGRATION_CHANNELS
      const channels = consumeOptions.channels ?? [MESSAGE_RECEIVED, EVENT_RECEIVED]
      return transport.consume({ ...consumeOptions, channels }, async (delivery) => {
        const { event } = delivery.envelope.payload as { event: InboundEvent }
        await handler(event, delivery)
      })
    },
  }
}
