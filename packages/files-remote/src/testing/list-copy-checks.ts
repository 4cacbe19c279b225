import assert from 'node:assert/strict'
import {
  bytes,
  collect,
  type DefineCheck,
  names,
  readAll,
  readText,
  rejectsWith,
} from './contract-kit.ts'

/** Listings are whole and in order; copies keep everything. */
export function listCopyChecks(check: DefineCheck): void {
  check(
    'list gives the keys below a prefix in the order of their UTF-8 bytes',
    async ({ provider, prefix }) => {
      const keys = ['b', 'a/1', 'a', 'a-b', 'ab', 'é', '\uff5e', '\u{1f600}', 'B', 'a/1/2'].map(
        (name) => prefix + name,
      )
      for (const key of keys) await provider.put({ key, body: bytes(key) })
      const expected = [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      assert.deepEqual(await names(provider.list({ prefix })), expected)
      assert.deepEqual(await names(provider.list({ prefix: `${prefix}a/` })), [
        `${prefix}a/1`,
        `${prefix}a/1/2`,
      ])
    },
  )

  check('list folds keys at the delimiter', async ({ provider, prefix }) => {
    for (const name of ['a', 'b/1', 'b/2', 'c/x/y', 'd'])
      await provider.put({ key: prefix + name, body: bytes(name) })
    const entries = await collect(provider.list({ prefix, delimiter: '/' }))
    assert.deepEqual(
      entries.map((entry) =>
        (entry.kind === 'prefix' ? entry.prefix : entry.key).slice(prefix.length),
      ),
      ['a', 'b/', 'c/', 'd'],
    )
    assert.deepEqual(
      entries.map(({ kind }) => kind),
      ['object', 'prefix', 'prefix', 'object'],
    )
  })

  check('list goes on behind startAfter', async ({ provider, prefix }) => {
    for (const name of ['a', 'b', 'c'])
      await provider.put({ key: prefix + name, body: bytes(name) })
    assert.deepEqual(await names(provider.list({ prefix, startAfter: `${prefix}a` })), [
      `${prefix}b`,
      `${prefix}c`,
    ])
  })

  check('copy keeps bytes, media type and metadata', async ({ provider, key }) => {
    const attributes = { mediaType: 'text/plain', metadata: { origin: 'here' } }
    await provider.put({ key: key('source'), body: bytes('copied'), ...attributes })
    await provider.copy({ sourceKey: key('source'), key: key('target é+') })
    const { body, mediaType, metadata } = await provider.get({ key: key('target é+') })
    assert.equal(String(await readAll(body)), 'copied')
    assert.deepEqual({ mediaType, metadata }, attributes)
  })

  check('copy replaces what stood there, media type and metadata included', async (room) => {
    const { provider, key } = room
    const old = { mediaType: 'text/plain', metadata: { old: '1' } }
    await provider.put({ key: key('target'), body: bytes('old'), ...old })
    await provider.put({ key: key('source'), body: bytes('new'), mediaType: 'text/csv' })
    const { etag } = await provider.copy({ sourceKey: key('source'), key: key('target') })
    const { body, ...stat } = await provider.get({ key: key('target') })
    assert.equal(String(await readAll(body)), 'new')
    assert.equal(stat.etag, etag)
    assert.deepEqual([stat.mediaType, stat.metadata ?? {}], ['text/csv', {}])
  })

  check('copy with sourceIfMatch copies only that version', async ({ provider, key }) => {
    const { etag } = await provider.put({ key: key('source'), body: bytes('one') })
    const request = { sourceKey: key('source'), key: key('target'), sourceIfMatch: etag }
    await provider.copy(request)
    await provider.put({ key: key('source'), body: bytes('two') })
    await rejectsWith(() => provider.copy(request), 'FILES_REMOTE_PRECONDITION_FAILED')
    assert.equal(await readText(provider, key('target')), 'one')
  })

  check('copy of an absent key rejects with FILES_REMOTE_OBJECT_NOT_FOUND', ({ provider, key }) =>
    rejectsWith(
      () => provider.copy({ sourceKey: key('absent'), key: key() }),
      'FILES_REMOTE_OBJECT_NOT_FOUND',
    ),
  )
}
