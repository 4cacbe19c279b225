import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import {
  createSegmentsUploader,
  inspectDay,
  type SegmentsUploaderOptions,
  type SegmentTarget,
} from '../src/index.ts'
import { createMemorySegmentTarget } from '../src/memory/index.ts'

const NOON = Date.UTC(2026, 10, 21, 12)
const profile = (id: unknown) => ({ traits: { smi_uid: id }, segments: ['ü', 'b'] })

async function bytesOf(target: SegmentTarget, key: string): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  const { body } = await target.get({ key })
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

type Options = Partial<SegmentsUploaderOptions>

describe.each([0, 300, false] as const)('with minPartBytes %s', (minPartBytes) => {
  const write = async (options: Options, count: number) => {
    const target = createMemorySegmentTarget({ minPartBytes })
    const open = () => createSegmentsUploader({ target, now: () => NOON, ...options })
    let uploader = open()
    let key = ''
    for (let event = 0; event < count; event += 1) {
      if (event === count / 2) uploader = open() // goes on in what the first one left
      key = (await uploader.upload(profile(event))).key
    }
    const report = await inspectDay({ target, now: () => NOON, ...options })
    return { key, bytes: await bytesOf(target, key), report }
  }
  const expected = Array.from({ length: 20 }, (_, id) => ({ smi_uid: id, segments: ['ü', 'b'] }))

  it('a JSON file is one object with the list', async () => {
    const { key, bytes, report } = await write({ listName: 'people' }, 20)
    expect(key).toBe('2026-11-21_segments.json')
    expect(JSON.parse(bytes.toString())).toEqual({ people: expected })
    expect(report).toMatchObject({ valid: true, profiles: 20, distinctIds: 20 })
  })

  it('an NDJSON file has one profile a line', async () => {
    const { key, bytes, report } = await write({ format: 'ndjson' }, 20)
    expect(key).toBe('2026-11-21_segments.ndjson')
    const lines = bytes.toString().split('\n')
    expect(lines.pop()).toBe('')
    expect(lines.map((line) => JSON.parse(line))).toEqual(expected)
    expect(report).toMatchObject({ valid: true, profiles: 20 })
  })

  it.each(['json', 'ndjson'] as const)('a gzip %s file is read like any other', async (format) => {
    const { key, bytes, report } = await write({ format, compression: 'gzip' }, 20)
    expect(key).toBe(`2026-11-21_segments.${format}.gz`)
    const text = gunzipSync(bytes).toString()
    const list =
      format === 'json'
        ? JSON.parse(text).profiles
        : text
            .trimEnd()
            .split('\n')
            .map((line) => JSON.parse(line))
    expect(list).toEqual(expected)
    expect(report).toMatchObject({ valid: true, profiles: 20 })
  })

  it('a padded file is the same to every JSON parser', async () => {
    const { bytes } = await write({ paddingBytes: 1_000 }, 4)
    expect(bytes.length).toBeGreaterThan(1_000)
    expect(JSON.parse(bytes.toString()).profiles).toHaveLength(4)
  })

  it('an entry has the shape that was asked for', async () => {
    const toEntry: Options['toEntry'] = ({ id, segments }) => ({ user: id, in: segments })
    const { bytes } = await write({ toEntry, idField: 'smi_uid' }, 2)
    expect(JSON.parse(bytes.toString()).profiles[1]).toEqual({ user: 1, in: ['ü', 'b'] })
  })
})

describe('a gzip file of somebody else', () => {
  it('is left alone, because its end cannot be taken away', async () => {
    const target = createMemorySegmentTarget()
    const { gzipSync } = await import('node:zlib')
    const theirs = gzipSync('{"profiles":[{"smi_uid":1}]}')
    await target.put({ key: '2026-11-21_segments.json.gz', body: theirs })
    const uploader = createSegmentsUploader({ target, now: () => NOON, compression: 'gzip' })
    const { key } = await uploader.upload(profile(1))
    expect(key).toBe('2026-11-21_segments.side-1.json.gz')
    await expect(bytesOf(target, '2026-11-21_segments.json.gz')).resolves.toEqual(theirs)
  })

  it('is left alone, and the process with it, where it unpacks to something else', async () => {
    const target = createMemorySegmentTarget()
    const foreign = gzipSync(`{"profiles":[${'1,'.repeat(1_000)}x]}`)
    const fileName = () => 'day.json.gz'
    await target.put({ key: 'day.json.gz', body: foreign })
    const uploader = createSegmentsUploader({ target, compression: 'gzip', fileName })
    await expect(uploader.upload({ traits: { smi_uid: 'u1' } })).resolves.toMatchObject({
      key: 'day.side-1.json.gz',
    })
  })
})
