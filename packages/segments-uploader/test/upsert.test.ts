import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { createSegmentsUploader, type SegmentsUploaderOptions } from '../src/index.ts'
import { createMemorySegmentTarget } from '../src/memory/index.ts'

const NOON = Date.UTC(2026, 10, 21, 12)
const KEY = '2026-11-21_segments.json'
const profile = (id: unknown, segments: unknown) => ({ traits: { smi_uid: id }, segments })

function setUp() {
  const target = createMemorySegmentTarget()
  const open = (options: Partial<SegmentsUploaderOptions> = {}) =>
    createSegmentsUploader({ target, now: () => NOON, mode: 'upsert', ...options })
  return { target, open, read: () => JSON.parse(target.read(KEY) ?? '').profiles }
}

describe("mode 'upsert'", () => {
  it('keeps one entry an id with the segments that came last', async () => {
    const { open, read } = setUp()
    const uploader = open()
    await uploader.upload(profile('u1', ['a']))
    await uploader.upload(profile('u2', ['a']))
    await expect(uploader.upload(profile('u1', ['b']))).resolves.toMatchObject({ position: 0 })
    expect(read()).toEqual([
      { smi_uid: 'u1', segments: ['b'] },
      { smi_uid: 'u2', segments: ['a'] },
    ])
  })

  it('takes the last of several for one id in one write', async () => {
    const { open, read } = setUp()
    const uploader = open()
    const receipts = await Promise.all(
      ['a', 'b', 'c'].map((segment) => uploader.upload(profile('u1', [segment]))),
    )
    expect(receipts.map(({ position }) => position)).toEqual([0, 0, 0])
    expect(read()).toEqual([{ smi_uid: 'u1', segments: ['c'] }])
  })

  it('tells ids of different JSON types apart', async () => {
    const { open, read } = setUp()
    const uploader = open()
    for (const id of [1, '1', true, 'true']) await uploader.upload(profile(id, []))
    expect(read()).toHaveLength(4)
  })

  it('loses nothing when several write, with and without a journal', async () => {
    for (const delivery of ['direct', 'journal'] as const) {
      const { open, read } = setUp()
      const uploaders = Array.from({ length: 4 }, () => open({ delivery }))
      await Promise.all(
        uploaders.flatMap((uploader, writer) =>
          Array.from({ length: 20 }, (_, event) =>
            uploader.upload(profile(`ü${event % 10}-${writer}`, [event])),
          ),
        ),
      )
      await Promise.all(uploaders.map((uploader) => uploader.close()))
      expect(read()).toHaveLength(40)
      for (const { segments } of read()) expect(segments[0]).toBeGreaterThanOrEqual(10)
    }
  })

  it('says when the file outgrows what may be held', async () => {
    const { open, read } = setUp()
    const uploader = open({ maxHeldBytes: 100 })
    await uploader.upload(profile('u1', ['a']))
    await expect(uploader.upload(profile('u2', ['x'.repeat(100)]))).rejects.toMatchObject({
      code: 'SEGMENTS_FILE_TOO_LARGE',
    })
    expect(read()).toHaveLength(1)
  })

  it('leaves alone, each for itself, what has no id', async () => {
    const { target, open } = setUp()
    const foreign = '{"smi_uid":null},{"smi_uid":null},{"smi_uid":{}},{"smi_uid":{}},7,"x",{}'
    await target.put({ key: KEY, body: Buffer.from(`{"profiles":[${foreign}]}`) })
    await open().upload(profile('u1', []))
    expect(target.read(KEY)).toBe(`{"profiles":[${foreign},{"smi_uid":"u1","segments":[]}]}`)
  })

  it('does not take for an id what a prototype has', async () => {
    const { target, open } = setUp()
    await target.put({ key: KEY, body: Buffer.from('{"profiles":[{"a":1},{"b":2}]}') })
    await open({ idField: '__proto__' }).upload(JSON.parse('{"traits":{"__proto__":"u1"}}'))
    expect(target.read(KEY)).toBe('{"profiles":[{"a":1},{"b":2},{"__proto__":"u1","segments":[]}]}')
  })

  it('refuses an entry that nobody would find again by its id', async () => {
    const { open, read } = setUp()
    const renamed = open({ toEntry: ({ id }) => ({ uid: id }) })
    await expect(renamed.upload(profile('u1', []))).rejects.toMatchObject({
      code: 'SEGMENTS_SEGMENTS_INVALID',
      message: expect.stringContaining('does not have the id as its smi_uid'),
    })
    const kept = open({ toEntry: ({ id }) => ({ smi_uid: id, at: 1 }) })
    await kept.upload(profile('u1', []))
    expect(read()).toEqual([{ smi_uid: 'u1', at: 1 }])
  })

  it('holds no more than maxHeldBytes of what is unpacked', async () => {
    const { target, open } = setUp()
    const key = `${KEY}.gz`
    const bomb = gzipSync(`{"profiles":[${Array.from({ length: 1_000 }, () => '"x"')}]}`)
    await target.put({ key, body: bomb })
    const options = { compression: 'gzip', maxHeldBytes: 1_000 } as const
    const refused = { code: 'SEGMENTS_FILE_TOO_LARGE', outcome: 'not_sent' }
    await expect(open(options).upload(profile('u1', []))).rejects.toMatchObject(refused)
    await target.delete({ key })
    const segments = ['x'.repeat(2_000)]
    await expect(open(options).upload(profile('u1', segments))).rejects.toMatchObject({
      code: 'SEGMENTS_FILE_TOO_LARGE',
    })
  })
})
