import { randomUUID } from 'node:crypto'
import { PermanentError } from '@mortise/errors'
import type { Integration } from './define-integration.ts'
import { findChannel } from './find-channel.ts'
import { createIntegrationCache, type IntegrationCache } from './integration-cache.ts'
import type { Channel } from './integration-config.ts'
import type { AppMeta, IntegrationContext } from './integration-context.ts'
import { createDatasources } from './integration-datasources.ts'
import {
  hasPermission,
  hasRole,
  type IntegrationActionName,
  requirePermission,
} from './integration-permissions.ts'
import { type Logger, silentLogger } from './logger.ts'

/** What the calls of one service share. */
export interface ServiceScope {
  integration: Integration
  cache: IntegrationCache
  /** What the hooks of one call see. */
  context: (meta?: AppMeta) => IntegrationContext
  /** A context for a caller who may. @throws {AuthError} PERMISSION_DENIED */
  enter: (action: IntegrationActionName, meta: AppMeta | undefined) => Promise<IntegrationContext>
  /** A channel of the caller's tenant. @throws {PermanentError} MESSAGING_CHANNEL_UNKNOWN */
  channelOf: (channelId: string, ctx: IntegrationContext) => Promise<Channel<unknown>>
  close: () => Promise<void>
}

/** Opens what a service needs for as long as it lives. */
export function createServiceScope(options: {
  integration: Integration
  logger?: Logger
  fetch?: typeof globalThis.fetch
  now?: () => number
}): ServiceScope {
  const { logger = silentLogger, now = Date.now } = options
  const { name, cache: cacheOptions } = options.integration
  const cache = createIntegrationCache({ namespace: name, ...cacheOptions, logger, now })
  // Channels hold secrets: they are kept in this process and in no shared store.
  const channels = createIntegrationCache({ namespace: name, logger, now })
  const integration = withMemoizedChannels(options.integration, channels)
  const datasources = createDatasources(integration.datasources)

  function context(meta: AppMeta = {}): IntegrationContext {
    const identified = { ...meta, correlationId: meta.correlationId ?? randomUUID() }
    return {
      meta: identified,
      datasources: datasources.instances,
      cache,
      hasPermission: (permission) => hasPermission(identified, permission),
      hasRole: (role) => hasRole(identified, role),
      logger,
      fetch: options.fetch ?? globalThis.fetch,
      now,
    }
  }

  return {
    integration,
    cache,
    context,
    enter: async (action, meta) => {
      const ctx = context(meta)
      await requirePermission(action, integration.permissions?.[action], ctx)
      return ctx
    },
    channelOf: async (channelId, ctx) => {
      const channel = await findChannel([channelId], { integration, ctx })
      const { tenantId } = ctx.meta
      if (channel && (tenantId === undefined || tenantId === channel.tenantId)) return channel
      throw new PermanentError(`Channel configuration not found: ${channelId}`, {
        code: 'MESSAGING_CHANNEL_UNKNOWN',
        outcome: 'not_sent',
      })
    },
    close: async () => {
      await Promise.all([datasources.close(), cache.close(), channels.close()])
    },
  }
}

function withMemoizedChannels(integration: Integration, cache: IntegrationCache): Integration {
  const keptMs = integration.memoizeMs?.getChannelConfig
  if (!keptMs) return integration
  return {
    ...integration,
    getChannelConfig: (ctx, channelId) => {
      const key = JSON.stringify([ctx.meta.tenantId, channelId]) // the hook may look at either
      return cache.memoize(key, async () => integration.getChannelConfig(ctx, channelId), keptMs)
    },
  }
}
