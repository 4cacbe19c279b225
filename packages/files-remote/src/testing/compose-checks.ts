import assert from 'node:assert/strict'
import type { ComposeRequest, StorageProvider } from '../storage-provider.ts'
import {
  bytes,
  type ContractRoom,
  type DefineCheck,
  lackable,
  patterned,
  readAll,
  readText,
  rejectsWith,
} from './contract-kit.ts'

/** Objects made of objects; a provider that cannot says so. */
export function composeChecks(define: DefineCheck): void {
  const check = lackable(define, {
    capability: 'compose',
    has: ({ compose }) => compose !== false,
    refuses: async (room) => {
      const { provider, key } = room
      await putLongEnough(room)
      await refused(provider, { key: key('target'), parts: [{ key: key() }, { body: bytes('!') }] })
      assert.equal(await provider.stat({ key: key('target') }), null)
    },
  })

  const conditional = lackable(check, {
    capability: 'conditionalWrites',
    has: ({ conditionalWrites }) => conditionalWrites,
    refuses: async (room) => {
      const { provider, key } = room
      const { etag } = await putLongEnough(room)
      await refused(provider, { key: key(), parts: [{ key: key() }], ifMatch: etag })
    },
  })

  check('compose appends new bytes to a stored object', async (room) => {
    const { provider, key } = room
    const stored = await putLongEnough(room)
    const metadata = { watermark: '7' }
    const request: ComposeRequest = {
      key: key(),
      parts: [{ key: key(), ifMatch: stored.etag }, { body: bytes('tail') }],
      mediaType: 'text/plain',
      metadata,
      ...(provider.capabilities.conditionalWrites && { ifMatch: stored.etag }),
    }
    const { etag, sizeBytes } = await provider.compose(request)
    assert.equal(sizeBytes, stored.data.length + 4)
    const { body, ...stat } = await provider.get({ key: key() })
    assert.ok(
      Buffer.concat([stored.data, bytes('tail')]).equals(await readAll(body)),
      'other bytes',
    )
    assert.deepEqual(
      { etag: stat.etag, mediaType: stat.mediaType, metadata: stat.metadata },
      { etag, mediaType: 'text/plain', metadata },
    )
  })

  check('compose takes a range of a stored object and leaves the source', async (room) => {
    const { provider, key } = room
    const stored = await putLongEnough(room)
    const end = stored.data.length - 3
    const parts = [{ key: key(), range: { start: 0, end } }, { body: bytes('!') }]
    await provider.compose({ key: key('target'), parts })
    const expected = Buffer.concat([stored.data.subarray(0, end + 1), bytes('!')])
    assert.ok(
      expected.equals(await readAll((await provider.get({ key: key('target') })).body)),
      'other bytes',
    )
    assert.equal((await provider.stat({ key: key() }))?.etag, stored.etag)
  })

  conditional('compose stores nothing when a condition does not hold', async (room) => {
    const { provider, key } = room
    const stored = await putLongEnough(room)
    const stale = await provider.put({ key: key('target'), body: bytes('one') })
    await provider.put({ key: key('target'), body: bytes('two') })
    const parts = [{ key: key(), ifMatch: stored.etag }, { body: bytes('!') }]
    const request = { key: key('target'), parts, ifMatch: stale.etag }
    await rejectsWith(() => provider.compose(request), 'FILES_REMOTE_PRECONDITION_FAILED')
    const otherSource = {
      key: key('target'),
      parts: [{ key: key(), ifMatch: stale.etag }, { body: bytes('!') }],
    }
    await rejectsWith(() => provider.compose(otherSource), 'FILES_REMOTE_PRECONDITION_FAILED')
    const onlyNew = { key: key('target'), parts, ifNoneMatch: '*' as const }
    await rejectsWith(() => provider.compose(onlyNew), 'FILES_REMOTE_PRECONDITION_FAILED')
    assert.equal(await readText(provider, key('target')), 'two')
  })

  check(
    'compose of an absent object rejects with FILES_REMOTE_OBJECT_NOT_FOUND',
    async ({ provider, key }) => {
      const request = { key: key(), parts: [{ key: key('absent') }, { body: bytes('!') }] }
      await rejectsWith(() => provider.compose(request), 'FILES_REMOTE_OBJECT_NOT_FOUND')
    },
  )

  check(
    'compose takes a first part of minPartBytes, and refuses a shorter one with FILES_REMOTE_UNSUPPORTED',
    async ({ provider, key }) => {
      const { compose } = provider.capabilities
      const least = Math.max(compose ? compose.minPartBytes : 0, 1)
      await provider.put({ key: key(), body: patterned(least) })
      const first = (sizeBytes: number) => ({
        key: key('target'),
        parts: [{ key: key(), range: { start: 0, end: sizeBytes - 1 } }, { body: bytes('!') }],
      })
      if (least > 1) await refused(provider, first(least - 1))
      assert.equal((await provider.compose(first(least))).sizeBytes, least + 1)
    },
  )
}

async function putLongEnough({ provider, key }: ContractRoom) {
  const { compose } = provider.capabilities
  const data = patterned(Math.max(compose ? compose.minPartBytes : 0, 1000) + 2)
  const { etag } = await provider.put({ key: key(), body: data })
  return { data, etag }
}

function refused(provider: StorageProvider, request: ComposeRequest): Promise<void> {
  return rejectsWith(() => provider.compose(request), 'FILES_REMOTE_UNSUPPORTED')
}
