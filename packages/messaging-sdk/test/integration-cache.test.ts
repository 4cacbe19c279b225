import { describe, expect, it } from 'vitest'
import { type CacheOptions, createIntegrationCache } from '../src/integration-cache.ts'
import { silentLogger } from '../src/logger.ts'

/** A store that answers, or leaves its callers waiting, as a Redis client does while its server is gone. */
function storeThat(state: { isAway: boolean }) {
  const kept = new Map<string, unknown>()
  let asked = 0
  const answer = <T>(value: () => T): T | Promise<never> => {
    asked++
    return state.isAway ? new Promise<never>(() => {}) : value()
  }
  return {
    get: (key: string) => answer(() => kept.get(key)),
    set: (key: string, value: unknown) => answer(() => void kept.set(key, value)),
    delete: (key: string) => answer(() => kept.delete(key)),
    clear: () => kept.clear(),
    asked: () => asked,
  }
}

function cacheOver(store: ReturnType<typeof storeThat>) {
  let time = 0
  const warnings: string[] = []
  const warn = (_: string, details: unknown) => warnings.push(JSON.stringify(details))
  const cache = createIntegrationCache({
    namespace: 'one',
    store: store as NonNullable<CacheOptions['store']>,
    timeoutMs: 20,
    logger: { ...silentLogger, warn },
    now: () => time,
  })
  const wait = (ms: number) => {
    time += ms
  }
  return { cache, warnings, wait }
}

describe('a cache whose store does not answer', () => {
  it('holds nobody up, leaves the store alone for a while, and remembers again', async () => {
    const state = { isAway: false }
    const store = storeThat(state)
    const { cache, warnings, wait } = cacheOver(store)
    await cache.set('key', 1)
    expect(await cache.get('key')).toBe(1)
    state.isAway = true
    expect(await cache.get('key')).toBeUndefined()
    expect(warnings).toEqual([expect.stringContaining('no answer within 20 ms')])
    const asked = store.asked()
    expect(await cache.memoize('work', async () => 'done')).toBe('done')
    await cache.set('key', 2)
    expect(store.asked()).toBe(asked)
    state.isAway = false
    wait(5_000)
    expect(await cache.get('key')).toBe(1)
    await cache.close()
  })

  it('is told at once to forget, or it would say for long what is wrong by now', async () => {
    const state = { isAway: false }
    const { cache, wait } = cacheOver(storeThat(state))
    await cache.set('key', 1)
    state.isAway = true
    await cache.get('key')
    state.isAway = false // slow, once
    await cache.delete('key')
    wait(5_000)
    expect(await cache.get('key')).toBeUndefined()
  })

  it('closes all the same', async () => {
    const disconnect = () => new Promise<never>(() => {})
    const { cache } = cacheOver(Object.assign(storeThat({ isAway: true }), { disconnect }))
    await cache.set('key', 1)
    await cache.close()
  })
})
