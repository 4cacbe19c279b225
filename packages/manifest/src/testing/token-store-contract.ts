import assert from 'node:assert/strict'
import type { TokenStore } from '../oauth/token-store.ts'

/** One check of a contract: `for (const check of checks) it(check.name, check.run)`. */
export interface Check {
  name: string
  run: () => Promise<void>
}

/** How to get a store to check. */
export interface TokenStoreContractOptions {
  /** A fresh, empty store for each check. */
  create: () => TokenStore | Promise<TokenStore>
}

const KEY = 'account / 1 ✓'
const FIRST = { tokens: { accessToken: 'a1', refreshToken: 'r1', captured: { instance: 'ü' } } }
const SECOND = {
  tokens: { accessToken: 'a2' },
  claim: { id: 'c', until: '2030-01-01T00:00:00.000Z' },
}

/** What every token store must do, for any test runner. */
export function tokenStoreContract({ create }: TokenStoreContractOptions): Check[] {
  const check = (name: string, test: (store: TokenStore) => Promise<void>): Check => ({
    name,
    run: async () => test(await create()),
  })
  return [
    check('load of an absent record answers undefined', async (store) => {
      assert.equal(await store.load(KEY), undefined)
    }),
    check('a record is read as it was written, with the version of the write', async (store) => {
      const version = await store.compareAndSet(KEY, undefined, FIRST)
      assert.equal(typeof version, 'string')
      assert.deepEqual(await store.load(KEY), { record: FIRST, version })
    }),
    check(
      'a write with the current version replaces the record and changes the version',
      async (store) => {
        const first = await store.compareAndSet(KEY, undefined, FIRST)
        const second = await store.compareAndSet(KEY, first, SECOND)
        assert.notEqual(second, undefined)
        assert.notEqual(second, first)
        assert.deepEqual(await store.load(KEY), { record: SECOND, version: second })
      },
    ),
    check('a write with an older version is refused and changes nothing', async (store) => {
      const first = await store.compareAndSet(KEY, undefined, FIRST)
      const second = await store.compareAndSet(KEY, first, SECOND)
      assert.equal(await store.compareAndSet(KEY, first, FIRST), undefined)
      assert.deepEqual(await store.load(KEY), { record: SECOND, version: second })
    }),
    check('a first write is refused when there is a record', async (store) => {
      await store.compareAndSet(KEY, undefined, FIRST)
      assert.equal(await store.compareAndSet(KEY, undefined, SECOND), undefined)
    }),
    check('a write with a version is refused when there is no record', async (store) => {
      assert.equal(await store.compareAndSet(KEY, '1', FIRST), undefined)
      assert.equal(await store.load(KEY), undefined)
    }),
    check('a version never comes back, even when the record does', async (store) => {
      const first = await store.compareAndSet(KEY, undefined, FIRST)
      const second = await store.compareAndSet(KEY, first, SECOND)
      await store.compareAndSet(KEY, second, FIRST)
      assert.equal(await store.compareAndSet(KEY, first, SECOND), undefined)
    }),
    check('accounts are apart', async (store) => {
      await store.compareAndSet(KEY, undefined, FIRST)
      assert.equal(await store.load(`${KEY}0`), undefined)
    }),
    check('of many writes at once exactly one wins', async (store) => {
      const first = await store.compareAndSet(KEY, undefined, FIRST)
      const writes = Array.from({ length: 20 }, (_, index) =>
        store.compareAndSet(KEY, first, { tokens: { accessToken: `a${index}` } }),
      )
      const winners = (await Promise.all(writes)).filter((version) => version !== undefined)
      assert.equal(winners.length, 1)
    }),
    check('what was read can be changed without changing what is stored', async (store) => {
      await store.compareAndSet(KEY, undefined, FIRST)
      const stored = await store.load(KEY)
      if (stored?.record.tokens) stored.record.tokens.accessToken = 'changed'
      assert.equal((await store.load(KEY))?.record.tokens?.accessToken, 'a1')
    }),
  ]
}
