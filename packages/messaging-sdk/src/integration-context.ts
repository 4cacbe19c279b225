import type { IntegrationCache } from './integration-cache.ts'
import type { Logger } from './logger.ts'

/** Who is asking, and under which ids the work is known. Other keys are yours. */
export interface AppMeta {
  user?: { id: string; roles?: readonly string[]; permissions?: readonly string[] }
  tenantId?: string
  tenantName?: string
  userId?: string
  channelId?: string
  requestId?: string
  correlationId?: string
  userAgent?: string
  clientIP?: string
  [key: string]: unknown
}

/** What the hooks of an integration may use. */
export interface IntegrationContext<TDatasources = Record<string, unknown>> {
  meta: AppMeta
  /** Created once for the service, disposed with it. */
  datasources: TDatasources
  cache: IntegrationCache
  /** Whether the caller (`meta.user`) has a permission; `*` has all. */
  hasPermission: (permission: string) => boolean
  hasRole: (role: string) => boolean
  logger: Logger
  fetch: typeof globalThis.fetch
  now: () => number
}
