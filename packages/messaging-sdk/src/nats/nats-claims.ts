import type { KV } from '@nats-io/kv'
import type { Claim, Claims } from '../message-transport.ts'
import { withNatsErrors } from './nats-errors.ts'
import { token } from './nats-subjects.ts'

/** A claim as it is stored. */
interface StoredClaim {
  expiresAt: number
  value?: string
}

/** Claims as keys of a bucket: creating one is atomic on the server. */
export function createNatsClaims(bucket: () => Promise<KV>, now: () => number): Claims {
  async function claim(key: string, { ttlMs }: { ttlMs: number }): Promise<Claim> {
    const kv = await bucket()
    const name = token(key)
    const entry = JSON.stringify({ expiresAt: now() + ttlMs } satisfies StoredClaim)
    const isNew = await kv.create(name, entry).then(
      () => true,
      () => false,
    )
    if (isNew) return { state: 'claimed' }
    const found = await kv.get(name)
    if (found?.operation !== 'PUT') return claim(key, { ttlMs }) // released just now
    const stored = found.json<StoredClaim>()
    if (stored.expiresAt > now()) {
      return stored.value === undefined
        ? { state: 'pending' }
        : { state: 'done', value: stored.value }
    }
    const isTaken = await kv.update(name, entry, found.revision).then(
      () => true,
      () => false,
    )
    return isTaken ? { state: 'claimed' } : claim(key, { ttlMs })
  }
  return withNatsErrors({
    claim,
    complete: async (key, value) => {
      const kv = await bucket()
      const found = await kv.get(token(key))
      const expiresAt = found?.json<StoredClaim>().expiresAt ?? now()
      await kv.put(token(key), JSON.stringify({ expiresAt, value } satisfies StoredClaim))
    },
    release: async (key) => {
      await (await bucket()).delete(token(key))
    },
  })
}
