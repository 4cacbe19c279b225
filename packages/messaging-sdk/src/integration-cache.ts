import type { KeyvOptions } from 'keyv'
import type { Logger } from './logger.ts'

/** Where an integration remembers things for a while. */
export interface CacheOptions {
  /** Milliseconds until an entry is forgotten, unless `set` says otherwise. Default 5 min. */
  ttl?: number
  /** In front of every key. Default: the integration's name. */
  namespace?: string
  /** Any Keyv store (`new KeyvRedis(url)`). Default: memory, for the latest 10,000 entries. */
  store?: NonNullable<KeyvOptions['store']>
}

/** A cache that never fails its caller: what cannot be read is absent, what cannot be written is forgotten. */
export interface IntegrationCache {
  get: <T = unknown>(key: string) => Promise<T | undefined>
  /** `ttlMs` default: the cache's own. */
  set: (key: string, value: unknown, ttlMs?: number) => Promise<void>
  delete: (key: string) => Promise<void>
  /** The cached result of the work, or the work's, kept. Callers that come while it runs share it. Failures are not kept. */
  memoize: <T>(key: string, work: () => Promise<T>, ttlMs?: number) => Promise<T>
  close: () => Promise<void>
}

const DEFAULT_TTL_MS = 5 * 60 * 1000
const MAX_ENTRIES = 10_000

/** Opens the cache of one integration. */
export function createIntegrationCache(
  options: CacheOptions & { namespace: string; logger: Logger },
): IntegrationCache {
  const { logger, namespace, ttl = DEFAULT_TTL_MS } = options
  const running = new Map<string, Promise<unknown>>()
  let opened: ReturnType<typeof open> | undefined

  /** Loaded by whoever remembers something first: most receivers never do. */
  async function open() {
    const { default: Keyv } = await import('keyv')
    const keyv = new Keyv({ namespace, ttl, store: options.store ?? new BoundedMap() })
    keyv.on('error', (error: unknown) => report(error))
    return keyv
  }
  const keyvOnce = () => {
    opened ??= open()
    return opened
  }

  function report(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error)
    logger.warn('The cache does not answer', { namespace, error: message })
  }

  async function get<T>(key: string): Promise<T | undefined> {
    try {
      return (await (await keyvOnce()).get(key)) as T | undefined
    } catch (error) {
      report(error)
      return undefined
    }
  }

  async function set(key: string, value: unknown, ttlMs?: number): Promise<void> {
    await keyvOnce()
      .then((keyv) => keyv.set(key, value, ttlMs))
      .catch(report)
  }

  async function compute<T>(key: string, work: () => Promise<T>, ttlMs?: number): Promise<T> {
    const cached = await get<{ value: T }>(key)
    if (cached) return cached.value
    const value = await work()
    await set(key, { value }, ttlMs)
    return value
  }

  return {
    get,
    set,
    delete: async (key) => {
      await keyvOnce()
        .then((keyv) => keyv.delete(key))
        .catch(report)
    },
    memoize: <T>(key: string, work: () => Promise<T>, ttlMs?: number) => {
      const shared = running.get(key)
      if (shared !== undefined) return shared as Promise<T>
      const result = compute(key, work, ttlMs).finally(() => running.delete(key))
      running.set(key, result)
      return result
    },
    close: async () => {
      if (!opened && !options.store) return
      await keyvOnce()
        .then((keyv) => keyv.disconnect())
        .catch(report)
    },
  }
}

/** A Map that forgets its oldest entry instead of growing. */
class BoundedMap<Key, Value> extends Map<Key, Value> {
  override set(key: Key, value: Value): this {
    this.delete(key)
    super.set(key, value)
    if (this.size > MAX_ENTRIES) {
      const oldest = this.keys().next()
      if (!oldest.done) this.delete(oldest.value)
    }
    return this
  }
}
