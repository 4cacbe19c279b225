import assert from 'node:assert/strict'
import {
  bytes,
  chunked,
  type DefineCheck,
  patterned,
  readAll,
  readText,
  rejectsWith,
} from './contract-kit.ts'

/** Objects come back as they were put, whole or not at all. */
export function putGetChecks(check: DefineCheck): void {
  check('get gives back the bytes that put stored', async ({ provider, key }) => {
    const data = patterned(100_000)
    const result = await provider.put({ key: key(), body: data })
    assert.deepEqual(
      { key: result.key, sizeBytes: result.sizeBytes },
      { key: key(), sizeBytes: data.length },
    )
    assert.ok(Buffer.from(data).equals(await readAll((await provider.get({ key: key() })).body)))
  })

  check('put stores a body of unknown length', async ({ provider, key }) => {
    const data = patterned(300_001)
    const { sizeBytes } = await provider.put({ key: key(), body: chunked(data, 7_919) })
    assert.equal(sizeBytes, data.length)
    assert.ok(Buffer.from(data).equals(await readAll((await provider.get({ key: key() })).body)))
  })

  check('put stores an empty body', async ({ provider, key }) => {
    await provider.put({ key: key(), body: new Uint8Array() })
    const { body, sizeBytes } = await provider.get({ key: key() })
    assert.equal(sizeBytes, 0)
    assert.equal((await readAll(body)).length, 0)
  })

  check(
    'put replaces what stood there, media type and metadata included',
    async ({ provider, key }) => {
      await provider.put({
        key: key(),
        body: bytes('old'),
        mediaType: 'text/plain',
        metadata: { old: '1' },
      })
      await provider.put({ key: key(), body: bytes('new one'), mediaType: 'text/csv' })
      const { body, mediaType, metadata } = await provider.get({ key: key() })
      assert.equal(String(await readAll(body)), 'new one')
      assert.equal(mediaType, 'text/csv')
      assert.deepEqual(metadata ?? {}, {})
    },
  )

  check('every write has a versionId of its own, or none has one', async ({ provider, key }) => {
    const again = () => provider.put({ key: key(), body: bytes('again') })
    const writes = [await again(), await again()]
    writes.push(await provider.copy({ sourceKey: key(), key: key('copy') }))
    const told = writes.flatMap(({ versionId }) => (versionId === undefined ? [] : [versionId]))
    assert.ok(
      told.length === 0 || told.length === writes.length,
      'some have one and some have none',
    )
    assert.equal(new Set(told).size, told.length)
    for (const versionId of told) assert.match(versionId, /^\S+$/)
  })

  check('media type and metadata come back from get and stat', async ({ provider, key }) => {
    const attributes = {
      mediaType: 'text/plain; charset=utf-8',
      metadata: { origin: 'a b', 'row-count': '12' },
    }
    await provider.put({ key: key(), body: bytes('x'), ...attributes })
    const { body, ...got } = await provider.get({ key: key() })
    body.destroy()
    for (const { mediaType, metadata } of [got, await provider.stat({ key: key() })].map(
      (s) => s ?? assert.fail(),
    )) {
      assert.deepEqual({ mediaType, metadata }, attributes)
    }
  })

  check(
    'etag changes with the content and is the same in put, get, stat and list',
    async ({ provider, key, prefix }) => {
      const first = await provider.put({ key: key(), body: bytes('one') })
      const second = await provider.put({ key: key(), body: bytes('two') })
      assert.notEqual(first.etag, second.etag)
      assert.doesNotMatch(second.etag, /["\s]|^$/)
      const { body, etag } = await provider.get({ key: key() })
      body.destroy()
      assert.equal(etag, second.etag)
      assert.equal((await provider.stat({ key: key() }))?.etag, second.etag)
      for await (const entry of provider.list({ prefix })) {
        assert.ok(entry.kind === 'object' && entry.etag === second.etag)
      }
    },
  )

  check('get of an absent key rejects with FILES_REMOTE_OBJECT_NOT_FOUND', ({ provider, key }) =>
    rejectsWith(() => provider.get({ key: key('absent') }), 'FILES_REMOTE_OBJECT_NOT_FOUND'),
  )

  check('stat of an absent key is null', async ({ provider, key }) => {
    assert.equal(await provider.stat({ key: key('absent') }), null)
  })

  check('delete removes an object, and an absent key succeeds', async ({ provider, key }) => {
    await provider.put({ key: key(), body: bytes('x') })
    await provider.delete({ key: key() })
    assert.equal(await provider.stat({ key: key() }), null)
    await provider.delete({ key: key() })
  })

  check('a range gives exactly its bytes and the size of the whole', async ({ provider, key }) => {
    await provider.put({ key: key(), body: bytes('0123456789') })
    for (const [range, expected] of [
      [{ start: 0, end: 0 }, '0'],
      [{ start: 2, end: 5 }, '2345'],
      [{ start: 7 }, '789'],
      [{ start: 8, end: 100 }, '89'],
    ] as const) {
      const { body, sizeBytes } = await provider.get({ key: key(), range })
      assert.equal(String(await readAll(body)), expected)
      assert.equal(sizeBytes, 10)
    }
  })

  check(
    'a range behind the end rejects with FILES_REMOTE_RANGE_INVALID',
    async ({ provider, key }) => {
      await provider.put({ key: key(), body: bytes('0123456789') })
      await rejectsWith(
        () => provider.get({ key: key(), range: { start: 10 } }),
        'FILES_REMOTE_RANGE_INVALID',
      )
    },
  )

  check('a body that fails stores nothing', async ({ provider, key }) => {
    await provider.put({ key: key(), body: bytes('old') })
    const failing = (async function* () {
      yield patterned(70_000)
      throw new Error('the source broke')
    })()
    await rejectsWith(() => provider.put({ key: key(), body: failing }), 'FILES_REMOTE_BODY_FAILED')
    assert.equal(await readText(provider, key()), 'old')
  })

  check('a body shorter or longer than sizeBytes stores nothing', async ({ provider, key }) => {
    for (const sizeBytes of [3, 5]) {
      const body = chunked(bytes('four'), 2)
      await rejectsWith(
        () => provider.put({ key: key(), body, sizeBytes }),
        'FILES_REMOTE_SIZE_MISMATCH',
      )
      assert.equal(await provider.stat({ key: key() }), null)
    }
  })
}
