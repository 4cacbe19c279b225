import { describe, expect, it } from 'vitest'
import { createSegmentsUploader, type SegmentsDiagnostic } from '../src/index.ts'
import { KEY, NOON, profile, setUp } from './memory-uploader.ts'

const SIDE = '2026-11-21_segments.side-1.json'

describe('an id', () => {
  it.each([
    'u1',
    ' ',
    '"quoted"',
    '__proto__',
    'ключ 🔑',
    '\u0000\u2028',
    0,
    -1.5,
    1e300,
    true,
    false,
  ])('of JSON type string, number or boolean is written as it is: %j', async (id) => {
    const { uploader, read } = setUp()
    await uploader.upload(profile(id))
    expect(read()).toEqual([{ smi_uid: id, segments: ['a'] }])
  })

  it.each([
    [{ a: 1 }, 'payload.traits.smi_uid is an object; give a string, a finite number or a boolean'],
    [['u1'], 'payload.traits.smi_uid is an array; give a string, a finite number or a boolean'],
    [Number.NaN, /is of type number/],
    [1n, /is of type bigint/],
    [() => 'u1', /is of type function/],
    ['\ud800', /is a string that is not valid Unicode/],
  ])('that is something else is refused and named: %s', async (id, message) => {
    const { uploader, read } = setUp()
    await expect(uploader.upload(profile(id))).rejects.toMatchObject({
      code: 'SEGMENTS_ID_INVALID',
      kind: 'permanent',
      outcome: 'not_sent',
      message: typeof message === 'string' ? message : expect.stringMatching(message),
    })
    expect(read()).toEqual([])
  })

  it.each([undefined, null, ''])('that is %j is missing', async (id) => {
    await expect(setUp().uploader.upload(profile(id))).rejects.toMatchObject({
      code: 'SEGMENTS_ID_MISSING',
      message: 'Could not find payload.traits.smi_uid',
    })
  })

  it('is not taken from a prototype', async () => {
    const inherited = { traits: Object.create({ smi_uid: 'u1' }) }
    await expect(setUp().uploader.upload(inherited)).rejects.toMatchObject({
      code: 'SEGMENTS_ID_MISSING',
    })
    const polluting = JSON.parse('{"traits":{"__proto__":{"smi_uid":"u1"}},"segments":[]}')
    await expect(setUp().uploader.upload(polluting)).rejects.toMatchObject({
      code: 'SEGMENTS_ID_MISSING',
    })
  })

  it('may stand under any name, also __proto__', async () => {
    const { target, uploader } = setUp({ idField: '__proto__' })
    await uploader.upload(JSON.parse('{"traits":{"__proto__":"u1"}}'))
    expect(target.read(KEY)).toBe('{"profiles":[{"__proto__":"u1","segments":[]}]}')
  })
})

describe('segments', () => {
  it.each([
    [undefined, []],
    [null, []],
    [[], []],
    ['vip', ['vip']],
    [
      ['a', 1, null, { b: [] }],
      ['a', 1, null, { b: [] }],
    ],
    [['\ud800x'], ['\ufffdx']],
    [['\\ud800'], ['\\ud800']],
    [[{ 'a\ud800\udbff': '\\\udfff' }], [{ 'a\ufffd\ufffd': '\\\ufffd' }]],
    [[{ '\ud800': 1, '\udbff': 2 }], [{ '\ufffd': 2 }]],
    [[JSON.parse('{"__proto__":"\\ud800"}')], [JSON.parse('{"__proto__":"\ufffd"}')]],
    [['🔑'], ['🔑']],
  ])('%j are written as %j', async (segments, written) => {
    const { uploader, read } = setUp()
    await uploader.upload({ traits: { smi_uid: 'u1' }, segments })
    expect(read()[0].segments).toEqual(written)
  })

  it.each([[{ a: 1 }], [7], [true], [new Set(['a'])]])(
    'that are %s are refused',
    async (segments) => {
      await expect(setUp().uploader.upload(profile('u1', segments))).rejects.toMatchObject({
        code: 'SEGMENTS_SEGMENTS_INVALID',
      })
    },
  )

  it('are an array also after a toJSON of theirs, or refused', async () => {
    const segments = Object.assign(['a'], { toJSON: () => 'x' })
    await expect(setUp().uploader.upload(profile('u1', segments))).rejects.toMatchObject({
      code: 'SEGMENTS_SEGMENTS_INVALID',
      message: 'payload.segments cannot be written as a JSON array',
    })
  })

  it.each(['x', null, undefined, [1], 7])(
    'are refused when toEntry makes %j of a profile, which is no object',
    async (entry) => {
      const { uploader } = setUp({ toEntry: () => entry as object })
      await expect(uploader.upload(profile('u1'))).rejects.toMatchObject({
        code: 'SEGMENTS_SEGMENTS_INVALID',
        message: 'what toEntry returned cannot be written as a JSON object',
      })
    },
  )

  it('that cannot be written as JSON are refused', async () => {
    const cycle: unknown[] = []
    cycle.push(cycle)
    for (const segments of [cycle, [1n]]) {
      await expect(setUp().uploader.upload(profile('u1', segments))).rejects.toMatchObject({
        code: 'SEGMENTS_SEGMENTS_INVALID',
      })
    }
  })

  it('of ten megabytes are written, and of more than maxEntryBytes refused', async () => {
    const segments = Array.from({ length: 10 }, () => 'x'.repeat(1_000_000))
    const { uploader, read } = setUp()
    await Promise.all([uploader.upload(profile('u1', segments)), uploader.upload(profile('u2'))])
    expect(read()).toHaveLength(2)
    const small = setUp({ maxEntryBytes: 1_000 })
    await expect(small.uploader.upload(profile('u1', segments))).rejects.toMatchObject({
      code: 'SEGMENTS_ENTRY_TOO_LARGE',
    })
  })
})

describe('a daily file that somebody else touched', () => {
  it.each([
    ['is not JSON', 'hello', /not an object with the list|ends early/],
    ['ends early', '{"profiles":[{"smi_uid":"u0"', /it ends early/],
    ['has a broken element', '{"profiles":[{"smi_uid":u0}]}', /its element 0 is not valid JSON/],
    ['is another object', '{"users":[]}', /not an object with the list "profiles" alone/],
    ['has more than the list', '{"profiles":[],"total":0}', /not an object with the list/],
    ['is an array', '[]', /not an object with the list/],
    [
      'is not UTF-8',
      Buffer.from([...Buffer.from('{"profiles":["'), 0xff, ...Buffer.from('"]}')]),
      /element 0/,
    ],
    ['is empty', '', /it ends early/],
    ['begins with a byte order mark', '\ufeff{"profiles":[]}', /not an object with the list/],
    ['has something behind the end', '{"profiles":[]} x', /not an object with the list/],
  ])('and that %s is kept, named, and gone on beside', async (_name, content, reason) => {
    const { target, uploader, diagnostics } = setUp()
    await target.put({ key: KEY, body: Buffer.from(content) })
    await expect(uploader.upload(profile('u1'))).resolves.toMatchObject({ key: SIDE, position: 0 })
    await expect(uploader.upload(profile('u2'))).resolves.toMatchObject({ key: SIDE, position: 1 })
    expect(target.read(KEY)).toBe(Buffer.from(content).toString())
    expect(diagnostics).toEqual([
      { code: 'SEGMENTS_FILE_UNREADABLE', key: KEY, message: expect.stringMatching(reason) },
    ])
    // Another process comes to the same place.
    const other = createSegmentsUploader({ target, now: () => NOON })
    await expect(other.upload(profile('u3'))).resolves.toMatchObject({ key: SIDE, position: 2 })
  })

  it('is noticed while we write: a rewrite by the plugin is gone on with', async () => {
    const { target, uploader } = setUp()
    await uploader.upload(profile('u1'))
    const theirs = '{"profiles": [{"smi_uid": "u1", "segments": ["a"]}, {"smi_uid": "x"}]}'
    await target.put({ key: KEY, body: Buffer.from(theirs) })
    await expect(uploader.upload(profile('u2'))).resolves.toMatchObject({ key: KEY, position: 2 })
    expect(target.read(KEY)).toBe(`${theirs.slice(0, -2)},{"smi_uid":"u2","segments":["a"]}]}`)
  })

  it('is noticed while we write: what is broken then is left alone', async () => {
    const { target, uploader } = setUp()
    await uploader.upload(profile('u1'))
    await target.put({ key: KEY, body: Buffer.from('oops') })
    await expect(uploader.upload(profile('u2'))).resolves.toMatchObject({ key: SIDE })
    expect(target.read(KEY)).toBe('oops')
  })

  it('is begun anew when it was deleted', async () => {
    const { target, uploader } = setUp()
    await uploader.upload(profile('u1'))
    await target.delete({ key: KEY })
    await expect(uploader.upload(profile('u2'))).resolves.toMatchObject({ position: 0 })
  })

  it.each([
    [{ listName: 'users' }, {}],
    [{ format: 'ndjson', compression: 'gzip' }, { format: 'ndjson' }],
    [{ format: 'ndjson' }, { format: 'ndjson', compression: 'gzip' }],
    [{ compression: 'gzip' }, {}],
    [{ mode: 'upsert', listName: 'users' }, { mode: 'upsert' }],
  ] as const)('is not gone on with in another format: %j then %j', async (theirs, ours) => {
    const fileName = () => KEY
    const { target, uploader } = setUp({ ...theirs, fileName })
    await uploader.upload(profile('u1'))
    const before = target.read(KEY)
    const diagnostics: SegmentsDiagnostic[] = []
    const onDiagnostic = (diagnostic: SegmentsDiagnostic) => void diagnostics.push(diagnostic)
    const other = createSegmentsUploader({
      target,
      now: () => NOON,
      ...ours,
      fileName,
      onDiagnostic,
    })
    await expect(other.upload(profile('u2'))).resolves.toMatchObject({ key: SIDE, position: 0 })
    expect(target.read(KEY)).toBe(before)
    expect(diagnostics).toMatchObject([{ code: 'SEGMENTS_FILE_UNREADABLE', key: KEY }])
  })
})
