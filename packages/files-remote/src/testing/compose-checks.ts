import assert from 'node:assert/strict'
import type { ComposeRequest, StorageProvider } from '../storage-provider.ts'
import {
  bytes,
  type ContractRoom,
  type DefineCheck,
  patterned,
  readAll,
  readText,
  rejectsWith,
} from './contract-kit.ts'

/** Objects made of objects; a provider that cannot says so. */
export function composeChecks(check: DefineCheck): void {
  check('compose appends new bytes to a stored object', async (room) => {
    const { provider, key } = room
    const stored = await putLongEnough(room)
    const metadata = { watermark: '7' }
    const request: ComposeRequest = {
      key: key(),
      parts: [{ key: key(), ifMatch: stored.etag }, { body: bytes('tail') }],
      mediaType: 'text/plain',
      metadata,
      ifMatch: stored.etag,
    }
    if (!provider.capabilities.compose) return refused(provider, request)
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
    if (!provider.capabilities.compose) return refused(provider, { key: key('target'), parts })
    await provider.compose({ key: key('target'), parts })
    const expected = Buffer.concat([stored.data.subarray(0, end + 1), bytes('!')])
    assert.ok(
      expected.equals(await readAll((await provider.get({ key: key('target') })).body)),
      'other bytes',
    )
    assert.equal((await provider.stat({ key: key() }))?.etag, stored.etag)
  })

  check('compose stores nothing when a condition does not hold', async (room) => {
    const { provider, key } = room
    const stored = await putLongEnough(room)
    const stale = await provider.put({ key: key('target'), body: bytes('one') })
    await provider.put({ key: key('target'), body: bytes('two') })
    const parts = [{ key: key(), ifMatch: stored.etag }, { body: bytes('!') }]
    const request = { key: key('target'), parts, ifMatch: stale.etag }
    if (!provider.capabilities.compose) return refused(provider, request)
    await rejectsWith(() => provider.compose(request), 'FILES_REMOTE_PRECONDITION_FAILED')
    const otherSource = {
      key: key('target'),
      parts: [{ key: key(), ifMatch: stale.etag }, { body: bytes('!') }],
    }
    await rejectsWith(() => provider.compose(otherSource), 'FILES_REMOTE_PRECONDITION_FAILED')
    assert.equal(await readText(provider, key('target')), 'two')
  })

  check(
    'compose of an absent object rejects with FILES_REMOTE_OBJECT_NOT_FOUND',
    async ({ provider, key }) => {
      const request = { key: key(), parts: [{ key: key('absent') }, { body: bytes('!') }] }
      if (!provider.capabilities.compose) return refused(provider, request)
      await rejectsWith(() => provider.compose(request), 'FILES_REMOTE_OBJECT_NOT_FOUND')
    },
  )

  check(
    'compose of a first part below minPartBytes rejects with FILES_REMOTE_UNSUPPORTED',
    async ({ provider, key }) => {
      const { compose } = provider.capabilities
      if (compose && compose.minPartBytes <= 1) return
      await provider.put({ key: key(), body: bytes('x') })
      await refused(provider, { key: key(), parts: [{ key: key() }, { body: bytes('!') }] })
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
