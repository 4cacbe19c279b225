import { adapterFromHooks } from './adapter-from-hooks.ts'
import type { BaseSpec } from './base-spec.ts'
import type { IntegrationAdapter } from './integration-adapter.ts'
import type { CacheOptions } from './integration-cache.ts'
import type { IntegrationConfig } from './integration-config.ts'
import type { IntegrationContext } from './integration-context.ts'
import type {
  DatasourceConstructorRegistry,
  DatasourceInstanceTypes,
} from './integration-datasources.ts'
import type { IntegrationHooks } from './integration-hooks.ts'
import type { IntegrationPermissions } from './integration-permissions.ts'
import type { OutboundMessage } from './outbound-message.ts'
import type { PlatformAdapter } from './platform-adapter.ts'
import { wholeNumber } from './whole-number.ts'

/** What every integration declares, whichever way it reaches its platform. */
export interface IntegrationOptions<
  TCredentials,
  TDatasources extends DatasourceConstructorRegistry = DatasourceConstructorRegistry,
> {
  /** In paths and service names: lower-case letters, digits and `-`. */
  name: string
  /**
   * The channel of an id: from the webhook's path, from the request's body (a phone number's id), or from a
   * send. `null`: there is none, and the request is refused.
   */
  getChannelConfig: (
    ctx: IntegrationContext<DatasourceInstanceTypes<TDatasources>>,
    channelId: string,
  ) => Promise<IntegrationConfig<TCredentials> | null> | IntegrationConfig<TCredentials> | null
  /** Classes or functions, each called once for the service; instances are disposed with it. */
  datasources?: TDatasources
  cache?: CacheOptions
  /** For how long results are kept in the cache, in milliseconds. Default: not at all. */
  memoizeMs?: { getChannelConfig?: number; i_healthCheck?: number }
  /** Who may call what. Checked on every call, whichever door it comes through. */
  permissions?: IntegrationPermissions
  /** The last word on what is sent. */
  transform?: (
    ctx: IntegrationContext<DatasourceInstanceTypes<TDatasources>>,
    message: OutboundMessage,
  ) => Promise<OutboundMessage> | OutboundMessage
}

/** An integration over one of the platform adapters. */
export interface AdapterIntegration<
  TCredentials,
  TDatasources extends DatasourceConstructorRegistry = DatasourceConstructorRegistry,
> extends IntegrationOptions<TCredentials, TDatasources> {
  adapter: PlatformAdapter<TCredentials>
  /** Overrides what the adapter says of itself. */
  spec?: Partial<BaseSpec>
}

/** An integration over hooks of your own, in the original's form. */
export interface HookIntegration<
  TCredentials,
  TDatasources extends DatasourceConstructorRegistry = DatasourceConstructorRegistry,
> extends IntegrationOptions<TCredentials, TDatasources>,
    IntegrationHooks<TCredentials, DatasourceInstanceTypes<TDatasources>> {
  spec: BaseSpec
}

/** A checked declaration, ready for `createIntegrationService`. */
export interface Integration
  extends Pick<
    IntegrationOptions<unknown>,
    'name' | 'datasources' | 'cache' | 'memoizeMs' | 'permissions'
  > {
  spec: BaseSpec
  adapter: IntegrationAdapter
  getChannelConfig: (
    ctx: IntegrationContext,
    channelId: string,
  ) => Promise<IntegrationConfig<unknown> | null> | IntegrationConfig<unknown> | null
  transform?: (
    ctx: IntegrationContext,
    message: OutboundMessage,
  ) => Promise<OutboundMessage> | OutboundMessage
}

const NAME = /^[a-z][a-z0-9-]{0,62}$/

/**
 * Declares an integration: over a platform adapter, or over hooks of your own.
 *
 * @throws {TypeError} naming the option that is missing or wrong.
 */
export function defineIntegration<
  TCredentials = Record<string, string>,
  TDatasources extends DatasourceConstructorRegistry = Record<never, never>,
>(
  options:
    | AdapterIntegration<TCredentials, TDatasources>
    | HookIntegration<TCredentials, TDatasources>,
): Integration {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`the options must be an object, but are ${options}`)
  }
  if (typeof options.name !== 'string' || !NAME.test(options.name)) {
    throw new TypeError(
      `name must be lower-case letters, digits and "-", but is ${JSON.stringify(options.name)}`,
    )
  }
  requireFunction(options, 'getChannelConfig')
  // What is typed by the caller's credentials and datasources only passes through from here on.
  const { name, getChannelConfig, transform, datasources, cache, memoizeMs, permissions } =
    options as unknown as IntegrationOptions<unknown> & Pick<Integration, 'transform'>
  for (const [action, ms] of Object.entries(memoizeMs ?? {})) {
    wholeNumber(`memoizeMs.${action}`, ms, { least: 0 })
  }
  const shared = {
    name,
    getChannelConfig: getChannelConfig as Integration['getChannelConfig'],
    ...(transform && { transform }),
    ...(datasources && { datasources }),
    ...(cache && { cache }),
    ...(memoizeMs && { memoizeMs }),
    ...(permissions && { permissions }),
  }
  if ('adapter' in options) {
    const adapter = options.adapter as PlatformAdapter<never> as unknown as IntegrationAdapter
    if (!adapter?.capabilities) throw new TypeError('adapter must be a PlatformAdapter')
    for (const name of ['route', 'verify', 'normalize', 'send']) requireFunction(adapter, name)
    return { ...shared, adapter, spec: specOf(options) }
  }
  for (const hook of ['normalize', 'sendMessage'] as const) requireFunction(options, hook)
  if (typeof options.spec?.platform !== 'string') {
    throw new TypeError('spec must name its platform, for example { platform: "whatsapp" }')
  }
  const hooks = options as unknown as IntegrationHooks<unknown> & { spec: BaseSpec }
  return { ...shared, adapter: adapterFromHooks(hooks), spec: options.spec }
}

function specOf<TCredentials>(
  options: Pick<AdapterIntegration<TCredentials>, 'adapter' | 'name' | 'spec'>,
): BaseSpec {
  const { adapter, name } = options
  return {
    id: name,
    name: adapter.displayName,
    platform: adapter.platform,
    version: '1.0.0',
    status: 'ACTIVE',
    capabilities: ['SEND_MESSAGE', 'RECEIVE_MESSAGE', 'WEBHOOK_VALIDATION'],
    ...options.spec,
  }
}

function requireFunction(options: object, name: string): void {
  const value = (options as Record<string, unknown>)[name]
  if (typeof value === 'function') return
  throw new TypeError(
    `${name} must be a function, but is ${value === null ? 'null' : typeof value}`,
  )
}
