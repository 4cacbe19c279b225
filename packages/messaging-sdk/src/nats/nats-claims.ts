import type { KV } from '@nats-io/kv'
import type { Claim, Claims } from '../message-transport.ts'
import { isOvertaken, withNatsErrors } from './nats-errors.ts'
import { token } from './nats-subjects.ts'

/** A claim as it is stored. */
interface StoredClaim {
  expiresAt: number
  value?: string
}

/** Claims as keys of a bucket: creating one is atomic on the server. */
export function createNatsClaims(openBucket: () => Promise<KV>, now: () => number): Claims {
  let opened: Promise<KV> | undefined

  async function inBucket<T>(work: (kv: KV) => Promise<T>): Promise<T> {
    try {
      opened ??= openBucket()
      return await work(await opened)
    } catch (error) {
      opened = undefined // the server was away, or lost the bucket: the next call asks anew
      throw error
    }
  }

  async function claim(kv: KV, key: string, ttlMs: number): Promise<Claim> {
    const name = token(key)
    const entry = JSON.stringify({ expiresAt: now() + ttlMs } satisfies StoredClaim)
    const isNew = await kv.create(name, entry).then(() => true, overtaken)
    if (isNew) return { state: 'claimed' }
    const found = await kv.get(name)
    if (found?.operation !== 'PUT') return claim(kv, key, ttlMs) // released just now
    const stored = found.json<StoredClaim>()
    if (stored.expiresAt > now()) {
      return stored.value === undefined
        ? { state: 'pending' }
        : { state: 'done', value: stored.value }
    }
    const isTaken = await kv.update(name, entry, found.revision).then(() => true, overtaken)
    return isTaken ? { state: 'claimed' } : claim(kv, key, ttlMs)
  }
  return withNatsErrors({
    claim: (key, { ttlMs }) => inBucket((kv) => claim(kv, key, ttlMs)),
    complete: (key, value) =>
      inBucket(async (kv) => {
        const found = await kv.get(token(key))
        const expiresAt = found?.json<StoredClaim>().expiresAt ?? now()
        await kv.put(token(key), JSON.stringify({ expiresAt, value } satisfies StoredClaim))
      }),
    release: (key) => inBucket((kv) => kv.delete(token(key))),
  })
}

function overtaken(error: unknown): false {
  if (isOvertaken(error)) return false
  throw error
}
