import { createMemoryTokenStore, type TokenRecord, type TokenStore } from '@mortise/manifest/oauth'
import { tokenStoreContract } from '@mortise/manifest/testing'
import { describe, expect, it } from 'vitest'

describe('the memory token store', () => {
  for (const check of tokenStoreContract({ create: createMemoryTokenStore }))
    it(check.name, check.run)
})

describe('the token store contract', () => {
  const rows = () => new Map<string, { version: number; record: TokenRecord }>()
  const broken: Record<string, () => TokenStore> = {
    'never compares': () => {
      const map = rows()
      return {
        load: async (key) => {
          const row = map.get(key)
          return row && { record: structuredClone(row.record), version: String(row.version) }
        },
        compareAndSet: async (key, _expected, record) => {
          const version = (map.get(key)?.version ?? 0) + 1
          map.set(key, { version, record })
          return String(version)
        },
      }
    },
    'compares, waits, then writes': () => {
      const map = rows()
      return {
        load: async (key) => {
          const row = map.get(key)
          return row && { record: structuredClone(row.record), version: String(row.version) }
        },
        compareAndSet: async (key, expected, record) => {
          const version = map.get(key)?.version
          if ((version === undefined ? undefined : String(version)) !== expected) return undefined
          await new Promise((resolve) => setImmediate(resolve))
          map.set(key, { version: (version ?? 0) + 1, record })
          return String((version ?? 0) + 1)
        },
      }
    },
    'takes the content for the version': () => {
      const map = new Map<string, string>()
      return {
        load: async (key) => {
          const json = map.get(key)
          return json === undefined ? undefined : { record: JSON.parse(json), version: json }
        },
        compareAndSet: async (key, expected, record) => {
          if (map.get(key) !== expected) return undefined
          map.set(key, JSON.stringify(record))
          return map.get(key)
        },
      }
    },
    'hands out what it holds': () => {
      const map = rows()
      return {
        load: async (key) => {
          const row = map.get(key)
          return row && { record: row.record, version: String(row.version) }
        },
        compareAndSet: async (key, expected, record) => {
          const version = map.get(key)?.version
          if ((version === undefined ? undefined : String(version)) !== expected) return undefined
          map.set(key, { version: (version ?? 0) + 1, record: structuredClone(record) })
          return String((version ?? 0) + 1)
        },
      }
    },
  }

  it.each(Object.entries(broken))('fails a store that %s', async (_name, create) => {
    const results = await Promise.allSettled(tokenStoreContract({ create }).map(({ run }) => run()))
    expect(results.some(({ status }) => status === 'rejected')).toBe(true)
  })
})
