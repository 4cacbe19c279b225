import { PermanentError } from '@mortise/errors'
import type { IntegrationContext } from './integration-context.ts'
import type { IntegrationService } from './integration-service.ts'
import type { MessageTransport } from './message-transport.ts'
import type { HealthResult } from './platform-adapter.ts'
import type { ServiceScope } from './service-scope.ts'
import { redactorOf, withoutSecrets } from './without-secrets.ts'

/** How long health, credential and media checks wait for the platform. */
const CHECK_TIMEOUT_MS = 10_000

/** What a service answers about itself, its channels and their media. */
export function createServiceChecks(
  scope: ServiceScope,
  transport: MessageTransport,
): Pick<IntegrationService, 'checkHealth' | 'status' | 'validateCredentials' | 'resolveMedia'> {
  const { spec, adapter } = scope.integration
  return {
    checkHealth: async (call = {}) => {
      const ctx = await scope.enter('i_healthCheck', call.meta)
      try {
        await transport.ping()
      } catch {
        return { status: 'unhealthy', message: 'The transport does not answer' }
      }
      if (call.channelId === undefined) return { status: 'healthy' }
      return platformHealth(scope, call.channelId, { ctx, signal: within(call.signal) })
    },
    status: async (call = {}) => {
      await scope.enter('i_status', call.meta)
      return { ...spec, platformCapabilities: adapter.capabilities }
    },
    validateCredentials: async (credentials, call = {}) => {
      const { fetch } = await scope.enter('i_validateCredentials', call.meta)
      const missing = adapter.requiredCredentials.filter((name) => !credentials[name])
      if (missing.length > 0) return { valid: false, message: `missing: ${missing.join(', ')}` }
      const validate = adapter.validateCredentials?.bind(adapter)
      if (!validate) return { valid: true, message: 'nothing to ask' }
      const context = { fetch, signal: within(call.signal) }
      return { valid: await cleanly(credentials, () => validate(credentials, context)) }
    },
    resolveMedia: async (ref, { channelId, meta, signal }) => {
      const ctx = scope.context(meta)
      const channel = await scope.channelOf(channelId, ctx)
      const context = { fetch: ctx.fetch, signal: within(signal) }
      const resolve = adapter.resolveMedia?.bind(adapter)
      if (resolve) return cleanly(channel.credentials, () => resolve(ref, channel, context))
      if (ref.url !== undefined && ref.auth !== 'channel') return { url: ref.url }
      throw new PermanentError(`${adapter.displayName} cannot resolve this medium`, {
        code: 'MESSAGING_MEDIA_UNAVAILABLE',
      })
    },
  }
}

async function platformHealth(
  scope: ServiceScope,
  channelId: string,
  call: { ctx: IntegrationContext; signal: AbortSignal },
): Promise<HealthResult> {
  const { integration, cache } = scope
  const { adapter, memoizeMs } = integration
  const channel = await scope.channelOf(channelId, call.ctx)
  const none = { status: 'healthy', message: `${adapter.displayName} has no health check` } as const
  const context = { ...call.ctx, signal: call.signal, app: call.ctx }
  const ask = () =>
    cleanly(channel.credentials, async (redact): Promise<HealthResult> => {
      const health = (await adapter.checkHealth?.(channel, context)) ?? none
      return { ...health, ...(health.message && { message: redact(health.message) }) }
    })
  const keptMs = memoizeMs?.i_healthCheck
  if (!keptMs) return ask()
  return cache.memoize(JSON.stringify(['health', channel.tenantId, channel.id]), ask, keptMs)
}

/** Platforms repeat tokens in what they answer; nobody who asks gets to see one. */
async function cleanly<T>(
  credentials: unknown,
  work: (redact: (text: string) => string) => Promise<T>,
): Promise<T> {
  try {
    return await work(redactorOf(credentials))
  } catch (error) {
    throw withoutSecrets(error, credentials)
  }
}

function within(signal: AbortSignal | undefined): AbortSignal {
  return signal ?? AbortSignal.timeout(CHECK_TIMEOUT_MS)
}
