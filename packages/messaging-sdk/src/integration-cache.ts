import type { Keyv, KeyvOptions } from 'keyv'
import type { Logger } from './logger.ts'
import { timerMs, wholeNumber } from './whole-number.ts'

/** Where an integration remembers things for a while. */
export interface CacheOptions {
  /** Milliseconds until an entry is forgotten, unless `set` says otherwise. Default 5 min. */
  ttl?: number
  /** In front of every key. Default: the integration's name. */
  namespace?: string
  /** Any Keyv store (`new KeyvRedis(url)`). Default: memory, for the latest 10,000 entries. */
  store?: NonNullable<KeyvOptions['store']>
  /**
   * Milliseconds that a `store` may take. One that takes longer (Redis clients wait for a server that is gone) is not
   * asked for the next 5 s, except to delete. Default 1 s.
   */
  timeoutMs?: number
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
const DEFAULT_TIMEOUT_MS = 1_000
/** After a store took too long, so that not every call waits for it in vain. */
const PAUSE_MS = 5_000

/** Opens the cache of one integration. */
export function createIntegrationCache(
  options: CacheOptions & { namespace: string; logger: Logger; now: () => number },
): IntegrationCache {
  const { logger, namespace, now, ttl = DEFAULT_TTL_MS, timeoutMs = DEFAULT_TIMEOUT_MS } = options
  wholeNumber('cache.ttl', ttl, { least: 1 })
  timerMs('cache.timeoutMs', timeoutMs)
  const running = new Map<string, Promise<unknown>>()
  let opened: ReturnType<typeof open> | undefined
  let pausedUntil = 0

  /** Loaded by whoever remembers something first: most receivers never do. */
  async function open() {
    const { default: Keyv } = await import('keyv')
    const keyv = new Keyv({ namespace, ttl, store: options.store ?? new BoundedMap() })
    keyv.on('error', (error: unknown) => report(error))
    return keyv
  }

  function report(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error)
    logger.warn('The cache does not answer', { namespace, error: message })
  }

  async function ask<T>(work: (keyv: Keyv) => Promise<T>): Promise<T | undefined> {
    return now() < pausedUntil ? undefined : insist(work)
  }

  /** Also in a pause. What the store cannot do, or not in time, has not happened. */
  async function insist<T>(work: (keyv: Keyv) => Promise<T>): Promise<T | undefined> {
    try {
      opened ??= open()
      const asked = work(await opened)
      return await (options.store ? inTime(asked, timeoutMs) : asked)
    } catch (error) {
      if (error instanceof LateAnswer) pausedUntil = now() + PAUSE_MS
      report(error)
      return undefined
    }
  }

  const get = <T>(key: string) => ask((keyv) => keyv.get<T>(key))

  async function set(key: string, value: unknown, ttlMs?: number): Promise<void> {
    await ask((keyv) => keyv.set(key, value, ttlMs))
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
      await insist((keyv) => keyv.delete(key)) // left out, what it says would be wrong for long
    },
    memoize: <T>(key: string, work: () => Promise<T>, ttlMs?: number) => {
      const shared = running.get(key)
      if (shared !== undefined) return shared as Promise<T>
      const result = compute(key, work, ttlMs).finally(() => running.delete(key))
      running.set(key, result)
      return result
    },
    close: async () => {
      if (opened || options.store) await insist((keyv) => keyv.disconnect())
    },
  }
}

class LateAnswer extends Error {}

async function inTime<T>(asked: Promise<T>, timeoutMs: number): Promise<T> {
  const timer = Promise.withResolvers<never>()
  const late = () => timer.reject(new LateAnswer(`no answer within ${timeoutMs} ms`))
  const timeout = setTimeout(late, timeoutMs)
  return Promise.race([asked, timer.promise]).finally(() => clearTimeout(timeout))
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
