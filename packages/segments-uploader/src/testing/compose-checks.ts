import assert from 'node:assert/strict'
import type { SegmentTarget } from '../segment-target.ts'
import { isConditionRefused } from '../segments-errors.ts'
import type { DefineCheck } from './contract-check.ts'
import { text } from './contract-kit.ts'

/** Appending on the store's side, where the store can; a clear refusal, where it cannot. */
export function composeChecks(define: DefineCheck): void {
  define('compose puts a stored range and new bytes together under its condition', async (room) => {
    const { target, key, size } = await stored(room)
    if (target.capabilities.compose === false) return await refusesToCompose(target, key)
    const before = await target.stat({ key })
    const parts = [
      { key, range: { start: 0, end: size - 2 }, ifMatch: before?.etag },
      { body: Buffer.from('new') },
    ]
    const metadata = { 'segments-state': 'l.1.2' }
    const { etag } = await target.compose({ key, parts, metadata, ifMatch: before?.etag })
    const found = await target.get({ key, range: { start: size - 3 } })
    assert.equal(await text(found.body), 'xxnew')
    assert.deepEqual([found.etag, found.sizeBytes], [etag, size + 2])
    assert.deepEqual({ ...found.metadata }, metadata)
  })
  define('compose is refused when somebody else wrote', async (room) => {
    const { target, key, size } = await stored(room)
    if (target.capabilities.compose === false) return await refusesToCompose(target, key)
    const stale = (await target.stat({ key }))?.etag
    await target.put({ key, body: Buffer.alloc(size, 'y') })
    const parts = [{ key, range: { start: 0, end: size - 1 } }, { body: Buffer.from('new') }]
    await assert.rejects(target.compose({ key, parts, ifMatch: stale }), isConditionRefused)
    assert.equal((await target.stat({ key }))?.sizeBytes, size)
  })
}

async function stored({ target, prefix }: { target: SegmentTarget; prefix: string }) {
  const { compose } = target.capabilities
  const size = Math.max(compose === false ? 0 : compose.minPartBytes, 4) + 1
  const key = `${prefix}compose`
  await target.put({ key, body: Buffer.alloc(size, 'x') })
  return { target, key, size }
}

async function refusesToCompose(target: SegmentTarget, key: string): Promise<void> {
  await assert.rejects(target.compose({ key, parts: [{ body: Buffer.from('new') }] }))
}
