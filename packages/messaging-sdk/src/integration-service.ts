import { randomUUID } from 'node:crypto'
import { PermanentError } from '@mortise/errors'
import type { Integration } from './define-integration.ts'
import type { InboundEvent } from './inbound-event.ts'
import { inboundEventProblem } from './inbound-event-schema.ts'
import { createIntegrationCache } from './integration-cache.ts'
import { INTEGRATION_CHANNELS } from './integration-channels.ts'
import type { Channel } from './integration-config.ts'
import {
  type AppMeta,
  type IntegrationContext,
  type Logger,
  silentLogger,
} from './integration-context.ts'
import { createDatasources } from './integration-datasources.ts'
import {
  hasPermission,
  hasRole,
  type IntegrationActionName,
  requirePermission,
} from './integration-permissions.ts'
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

/** How long health and credential checks wait for the platform. */
const CHECK_TIMEOUT_MS = 10_000

/** Runs an integration over a transport. Nothing listens and nothing is consumed until a door or you ask. */
export function createIntegrationService(options: IntegrationServiceOptions): IntegrationService {
  const { transport, logger = silentLogger, now = Date.now, random = Math.random } = options
  const caches = createCaches(options.integration, logger)
  const integration = withMemoizedChannels(options.integration, caches.channels)
  const { adapter, spec, permissions = {}, memoizeMs = {} } = integration
  const datasources = createDatasources(integration.datasources)
  const limiter = createSendLimiter(now)
  const limits =
    options.limits === false ? {} : { ...adapter.capabilities.limits, ...options.limits }

  function context(meta: AppMeta = {}): IntegrationContext {
    const identified = { ...meta, correlationId: meta.correlationId ?? randomUUID() }
    return {
      meta: identified,
      datasources: datasources.instances,
      cache: caches.shared,
      hasPermission: (permission) => hasPermission(identified, permission),
      hasRole: (role) => hasRole(identified, role),
      logger,
      fetch: options.fetch ?? globalThis.fetch,
      now,
    }
  }

  async function enter(action: IntegrationActionName, meta?: AppMeta): Promise<IntegrationContext> {
    const ctx = context(meta)
    await requirePermission(action, permissions[action], ctx)
    return ctx
  }

  async function channelOf(channelId: string, ctx: IntegrationContext): Promise<Channel<unknown>> {
    const channel = await findChannel([channelId], { integration, ctx })
    const { tenantId } = ctx.meta
    if (channel && (tenantId === undefined || tenantId === channel.tenantId)) return channel
    throw new PermanentError(`Channel configuration not found: ${channelId}`, {
      code: 'MESSAGING_CHANNEL_UNKNOWN',
      outcome: 'not_sent',
    })
  }

  async function platformHealth(
    channelId: string,
    call: { ctx: IntegrationContext; signal: AbortSignal },
  ): Promise<HealthResult> {
    const channel = await channelOf(channelId, call.ctx)
    const ask = async (): Promise<HealthResult> =>
      (await adapter.checkHealth?.(channel, {
        ...call.ctx,
        signal: call.signal,
        app: call.ctx,
      })) ?? {
        status: 'healthy',
        message: `${adapter.displayName} has no health check`,
      }
    const kept = memoizeMs.i_healthCheck
    return kept ? caches.shared.memoize(`health:${channel.id}`, ask, kept) : ask()
  }

  const close = async () => {
    await Promise.all([datasources.close(), caches.shared.close(), caches.channels.close()])
  }

  return {
    integration,
    transport,
    context,
    close,
    [Symbol.asyncDispose]: close,
    receiveWebhook: async (request, call = {}) => {
      const action = request.method === 'GET' ? 'i_verifyWebhook' : 'i_receiveWebhook'
      const ctx = await enter(action, call.meta)
      return receiveWebhook({ integration, transport, request, channelId: call.channelId, ctx })
    },
    sendMessage: async (given, call) => {
      const { channelId, meta, signal, ...policy } = call
      const parsed = parseOutboundMessage(given)
      const ctx = await enter('i_sendMessage', meta)
      const channel = await channelOf(channelId, ctx)
      const transformed = await integration.transform?.(ctx, parsed)
      return sendMessage({
        integration,
        transport,
        channel,
        message: transformed ? parseOutboundMessage(transformed) : parsed,
        ctx,
        policy: { ...SEND_POLICY, ...options.send, ...policy },
        limiter,
        limits,
        random,
        signal,
      })
    },
    checkHealth: async (call = {}) => {
      const ctx = await enter('i_healthCheck', call.meta)
      try {
        await transport.ping()
      } catch {
        return { status: 'unhealthy', message: 'The transport does not answer' }
      }
      if (call.channelId === undefined) return { status: 'healthy' }
      const signal = call.signal ?? AbortSignal.timeout(CHECK_TIMEOUT_MS)
      return platformHealth(call.channelId, { ctx, signal })
    },
    status: async (call = {}) => {
      await enter('i_status', call.meta)
      return { ...spec, platformCapabilities: adapter.capabilities }
    },
    validateCredentials: async (credentials, call = {}) => {
      const { fetch } = await enter('i_validateCredentials', call.meta)
      const missing = adapter.requiredCredentials.filter((name) => !credentials[name])
      if (missing.length > 0) return { valid: false, message: `missing: ${missing.join(', ')}` }
      if (!adapter.validateCredentials) return { valid: true, message: 'nothing to ask' }
      const signal = call.signal ?? AbortSignal.timeout(CHECK_TIMEOUT_MS)
      return { valid: await adapter.validateCredentials(credentials, { fetch, signal }) }
    },
    resolveMedia: async (ref, { channelId, meta, signal }) => {
      const ctx = context(meta)
      const channel = await channelOf(channelId, ctx)
      const within = signal ?? AbortSignal.timeout(CHECK_TIMEOUT_MS)
      if (adapter.resolveMedia) {
        return adapter.resolveMedia(ref, channel, { fetch: ctx.fetch, signal: within })
      }
      if (ref.url !== undefined && ref.auth !== 'channel') return { url: ref.url }
      throw new PermanentError(`${adapter.displayName} cannot resolve this medium`, {
        code: 'MESSAGING_MEDIA_UNAVAILABLE',
      })
    },
    consume: (consumeOptions, handler) => {
      const { MESSAGE_RECEIVED, EVENT_RECEIVED } = INTEGRATION_CHANNELS
      const channels = consumeOptions.channels ?? [MESSAGE_RECEIVED, EVENT_RECEIVED]
      return transport.consume({ ...consumeOptions, channels }, async (delivery) => {
        await handler(eventOf(delivery), delivery)
      })
    },
  }
}

/** What a store hands out may be older than this version, or somebody else's. */
function eventOf({ envelope }: Delivery): InboundEvent {
  const { event } = (envelope.payload ?? {}) as { event?: unknown }
  const problem = inboundEventProblem(event)
  if (problem === undefined) return event as InboundEvent
  throw new PermanentError(`${envelope.id} is no event: ${problem}`, {
    code: 'MESSAGING_EVENT_INVALID',
  })
}

/** One cache as configured, and one in this process for channels, whose secrets belong in no shared store. */
function createCaches({ name, cache }: Integration, logger: Logger) {
  return {
    shared: createIntegrationCache({ namespace: name, ...cache, logger }),
    channels: createIntegrationCache({ namespace: name, logger }),
  }
}

function withMemoizedChannels(
  integration: Integration,
  cache: ReturnType<typeof createIntegrationCache>,
): Integration {
  const keptMs = integration.memoizeMs?.getChannelConfig
  if (!keptMs) return integration
  return {
    ...integration,
    getChannelConfig: (ctx, channelId) =>
      cache.memoize(channelId, async () => integration.getChannelConfig(ctx, channelId), keptMs),
  }
}
