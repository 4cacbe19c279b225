import { AuthError, PermanentError, TransientError } from '@mortise/errors'
import { describe, expect, it } from 'vitest'
import {
  createSegmentsUploader,
  type SegmentsDiagnostic,
  type SegmentsUploaderOptions,
  type SegmentTarget,
} from '../src/index.ts'
import { createMemorySegmentTarget } from '../src/memory/index.ts'
import {
  createS3SegmentsUploader,
  parseSegmentsConfig,
  type SegmentsConfig,
} from '../src/s3/index.ts'

const NOON = Date.UTC(2026, 10, 21, 12)
const KEY = '2026-11-21_segments.json'
const SIDE = '2026-11-21_segments.side-1.json'

function setUp(options: Partial<SegmentsUploaderOptions> = {}) {
  const target = createMemorySegmentTarget()
  const diagnostics: SegmentsDiagnostic[] = []
  const uploader = createSegmentsUploader({
    target,
    now: () => NOON,
    onDiagnostic: (diagnostic) => diagnostics.push(diagnostic),
    ...options,
  })
  const read = () => JSON.parse(target.read(KEY) ?? '{"profiles":[]}').profiles
  return { target, uploader, diagnostics, read }
}

const profile = (id: unknown, segments: unknown = ['a']) => ({ traits: { smi_uid: id }, segments })

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
})

describe('a store', () => {
  const broken = (change: (target: SegmentTarget) => Partial<SegmentTarget>) => {
    const { target } = setUp()
    return setUp({ target: { ...target, ...change(target) } }).uploader
  }

  it.each([
    ['If-None-Match', (request: object) => ({ ...request, ifNoneMatch: undefined })],
    ['If-Match', (request: object) => ({ ...request, ifMatch: undefined })],
  ])('that ignores %s is refused before anything is written', async (header, forget) => {
    const { target } = setUp()
    const put = (request: Parameters<SegmentTarget['put']>[0]) =>
      target.put(forget(request) as typeof request)
    const { uploader } = setUp({ target: { ...target, put } })
    await expect(uploader.upload(profile('u1'))).rejects.toMatchObject({
      code: 'SEGMENTS_TARGET_UNSAFE',
      message: expect.stringContaining(`The store does not keep ${header}: `),
    })
    expect(target.read(KEY)).toBeUndefined()
  })

  it('that keeps conditions only for writers one after the other is refused', async () => {
    const { target } = setUp()
    const put: SegmentTarget['put'] = async ({ ifMatch, ifNoneMatch, ...request }) => {
      const etag = (await target.stat(request))?.etag
      if (ifNoneMatch && etag !== undefined) throw new PermanentError('refused', { status: 412 })
      if (ifMatch && etag !== ifMatch) throw new PermanentError('refused', { status: 412 })
      return { ...(await target.put(request)), versionId: 'v' }
    }
    const { uploader } = setUp({ target: { ...target, put } })
    await expect(uploader.run(profile('u1'))).resolves.toMatchObject({
      port: 'error',
      value: { error: expect.stringContaining('of 3 writes under it at the same moment') },
    })
    expect(target.read(KEY)).toBeUndefined()
  })

  it('that is asked by many uploaders at once is not mistaken for another', async () => {
    const { target } = setUp()
    const uploaders = Array.from({ length: 12 }, () => setUp({ target }).uploader)
    await Promise.all(uploaders.map((uploader, n) => uploader.upload(profile(n))))
    expect(JSON.parse(target.read(KEY) ?? '').profiles).toHaveLength(12)
  })

  it('where somebody puts an older version back is reported, and the day goes on', async () => {
    const { target } = setUp()
    const [first, second] = [setUp({ target }), setUp({ target })]
    await first.uploader.upload(profile('u1'))
    const { etag: _version, sizeBytes: _size, body, ...older } = await target.get({ key: KEY })
    const chunks: Uint8Array[] = []
    for await (const chunk of body) chunks.push(chunk)
    await second.uploader.upload(profile('u2'))
    await target.put({ ...older, key: KEY, body: Buffer.concat(chunks) })
    await second.uploader.upload(profile('u3'))
    expect(second.diagnostics).toMatchObject([{ code: 'SEGMENTS_BATCH_LOST', key: KEY }])
    const { profiles } = JSON.parse(target.read(KEY) ?? '')
    expect(profiles.map((entry: { smi_uid: string }) => entry.smi_uid)).toEqual(['u1', 'u3'])
  })

  it('that has no conditions is refused at once, unless one writer is promised', async () => {
    const target = createMemorySegmentTarget({ conditionalWrites: false })
    expect(() => createSegmentsUploader({ target })).toThrow(/The store has no conditional writes/)
    const uploader = createSegmentsUploader({ target, singleWriter: true, now: () => NOON })
    await uploader.upload(profile('u1'))
    await uploader.upload(profile('u2'))
    expect(JSON.parse(target.read(KEY) ?? '').profiles).toHaveLength(2)
  })

  it('that cannot compose after all is written whole', async () => {
    const { target } = setUp()
    const refusing = {
      ...target,
      compose: () => Promise.reject(new PermanentError('NotImplemented', { status: 501 })),
    }
    const { uploader, diagnostics } = setUp({ target: refusing })
    for (const id of ['u1', 'u2', 'u3']) await uploader.upload(profile(id))
    expect(JSON.parse(target.read(KEY) ?? '').profiles).toHaveLength(3)
    expect(diagnostics.map(({ code }) => code)).toEqual(['SEGMENTS_COMPOSE_UNAVAILABLE'])
  })

  it('that completes a composition without its condition is written whole', async () => {
    const { target } = setUp()
    const careless = {
      ...target,
      compose: (request: Parameters<SegmentTarget['compose']>[0]) =>
        target.compose({ ...request, ifMatch: undefined }),
    }
    const { uploader, diagnostics } = setUp({ target: careless })
    for (const id of ['u1', 'u2']) await uploader.upload(profile(id))
    expect(JSON.parse(target.read(KEY) ?? '').profiles).toHaveLength(2)
    expect(diagnostics.map(({ code }) => code)).toEqual(['SEGMENTS_COMPOSE_UNAVAILABLE'])
  })

  it('that denies access says so once and is asked again for the next event', async () => {
    let denied = true
    const uploader = broken((target) => ({
      stat: (request) =>
        denied
          ? Promise.reject(new AuthError('Access Denied', { status: 403 }))
          : target.stat(request),
    }))
    await expect(uploader.run(profile('u1'))).resolves.toEqual({
      port: 'error',
      value: { error: 'S3 upload error: Access Denied' },
    })
    await expect(uploader.upload(profile('u1'))).rejects.toMatchObject({ kind: 'auth' })
    denied = false
    await expect(uploader.upload(profile('u1'))).resolves.toMatchObject({ position: 0 })
  })

  it('that gives no versions is refused rather than written without a condition', async () => {
    const { target } = setUp()
    const stat: SegmentTarget['stat'] = async (request) => {
      const found = await target.stat(request)
      return found && { ...found, etag: '' }
    }
    await target.put({ key: KEY, body: Buffer.from('{"profiles":[]}') })
    const get: SegmentTarget['get'] = ({ ifMatch: _version, ...request }) => target.get(request)
    const { uploader } = setUp({ target: { ...target, stat, get } })
    await expect(uploader.upload(profile('u1'))).rejects.toMatchObject({
      code: 'SEGMENTS_TARGET_UNSAFE',
    })
    expect(target.read(KEY)).toBe('{"profiles":[]}')
  })

  it('that never answers is given up in time', async () => {
    const { target } = setUp()
    const { uploader } = setUp({
      target: { ...target, stat: () => new Promise<never>(() => {}) },
      requestTimeoutMs: 5,
      commitTimeoutMs: 10,
    })
    await expect(uploader.upload(profile('u1'))).rejects.toMatchObject({
      code: 'SEGMENTS_COMMIT_TIMED_OUT',
      outcome: 'not_sent',
    })
  })

  it('that loses the answer to a write and is gone then leaves the outcome unknown', async () => {
    const lost = () => Promise.reject(new TransientError('gone', { outcome: 'unknown' }))
    let writes = 0
    const uploader = broken((target) => ({
      put: (request) => {
        writes += request.key === KEY ? 1 : 0
        return request.key === KEY ? lost() : target.put(request)
      },
      stat: (request) => (writes > 0 ? lost() : target.stat(request)),
    }))
    const slow = uploader.upload(profile('u1'), { signal: AbortSignal.timeout(50) })
    await expect(slow).rejects.toMatchObject({ code: 'SEGMENTS_ABORTED', outcome: 'unknown' })
  })
})

describe('the options of an upload', () => {
  it.each([
    [{ idempotencyKey: '' }, /^idempotencyKey: /],
    [{ idempotencyKey: 7 }, /^idempotencyKey: /],
    [{ occurredAt: new Date('never') }, /^occurredAt: /],
    [{ occurredAt: '2026-11-21' }, /^occurredAt: /],
  ])('%j are refused by name', async (options, message) => {
    const upload = setUp().uploader.upload(profile('u1'), options as object)
    await expect(upload).rejects.toThrow(TypeError)
    await expect(upload).rejects.toThrow(message)
  })

  it('choose the day of an event that comes late', async () => {
    const { uploader } = setUp()
    const occurredAt = new Date('2026-11-20T23:59:59Z')
    await expect(uploader.upload(profile('u1'), { occurredAt })).resolves.toMatchObject({
      key: '2026-11-20_segments.json',
    })
  })
})

describe('options', () => {
  it.each([
    [{ target: {} }, /^target: /],
    [{ timeZone: 'Nowhere' }, /^timeZone: "Nowhere"/],
    [{ timeZone: 7 }, /^timeZone: received a number; give a string/],
    [{ prefix: {} }, /^prefix: received a object; give a string/],
    [{ fileName: 'day.json' }, /^fileName: received a string; give a function/],
    [{ toEntry: 'smi_uid' }, /^toEntry: /],
    [{ singleWriter: 'yes' }, /^singleWriter: /],
    [{ onDiagnostic: true }, /^onDiagnostic: /],
    [{ now: 7 }, /^now: /],
    [{ random: 0.5 }, /^random: /],
    [{ windowMs: -1 }, /^windowMs: received -1; give a number of at least 0/],
    [{ maxBatchEvents: 0 }, /^maxBatchEvents: /],
    [{ maxEntryBytes: Number.NaN }, /^maxEntryBytes: received NaN/],
    [{ idField: '' }, /^idField: /],
    [{ mode: 'replace' }, /^mode: received "replace"; give one of append, upsert/],
    [{ format: 'csv' }, /^format: /],
    [{ format: 'ndjson', paddingBytes: 1 }, /^paddingBytes: /],
    [{ mode: 'upsert', paddingBytes: 1 }, /^paddingBytes: /],
    [{ maxEntryBytes: 1e9 }, /^maxEntryBytes: received 1000000000; give at most 67108864/],
  ])('%j are refused by name', (options, message) => {
    const target = createMemorySegmentTarget()
    const create = () => createSegmentsUploader({ target, ...(options as object) })
    expect(create).toThrow(TypeError)
    expect(create).toThrow(message)
  })

  it('of the plugin are refused field by field, never with their values', () => {
    const parse = () =>
      parseSegmentsConfig({
        aws_access_key_id: '',
        aws_secret_access_key: ['hunter2'],
        s3_bucket: 7,
        s3_endpoint: 'file:///etc/passwd',
        secret: 'hunter2',
      })
    expect(parse).toThrow(
      expect.objectContaining({
        code: 'SEGMENTS_CONFIG_INVALID',
        message: expect.not.stringMatching(/hunter2|passwd/),
      }),
    )
    for (const field of [
      'aws_access_key_id',
      'aws_secret_access_key',
      's3_bucket',
      's3_endpoint',
      'secret',
    ]) {
      expect(parse).toThrow(`${field}: `)
    }
  })

  it.each([
    [{ aws_access_key_id: undefined }, 'aws_access_key_id: it is missing; give letters'],
    [{ aws_access_key_id: 'hunter2 \n' + 'hunter2' }, 'aws_access_key_id: give letters'],
    [{ aws_secret_access_key: 'hunter2\nhunter2' }, 'aws_secret_access_key: give a text without'],
    [{ aws_session_token: ' ' }, 'aws_session_token: give letters'],
    [{ aws_region: 'us east' }, 'aws_region: give a region such as us-east-1'],
    [{ s3_bucket: 'exports/2026' }, 's3_bucket: give the name of a bucket'],
    [{ s3_bucket: '..' }, 's3_bucket: give the name of a bucket'],
    [{ s3_endpoint: 'https://user:hunter2@s3.example.com' }, 's3_endpoint: give an http or https'],
    [{ s3_endpoint: 'https://s3.example.com/?key=hunter2' }, 's3_endpoint: give an http or https'],
    [{ s3_prefix: 'a\nb' }, 's3_prefix: give a text of at most 512 bytes'],
    [{ s3_prefix: 'ü'.repeat(257) }, 's3_prefix: give a text of at most 512 bytes'],
    [{ time_zone: 'Nowhere' }, 'time_zone: give an IANA name such as Europe/Madrid'],
    [{ time_zone: '' }, 'time_zone: give an IANA name such as Europe/Madrid'],
    [{ file_name: 'segments.json' }, 'file_name: give a text with {date} in it'],
    [{ s3_buckt: 'exports' }, 's3_buckt: there is no such field'],
  ])('of the plugin are refused by the name that the user wrote: %j', (change, message) => {
    const config = { aws_access_key_id: 'k', aws_secret_access_key: 's', s3_bucket: 'exports' }
    const error = expect.objectContaining({
      code: 'SEGMENTS_CONFIG_INVALID',
      message: expect.stringContaining(`is not valid. ${message}`),
    })
    const create = () => createS3SegmentsUploader({ ...config, ...change } as SegmentsConfig)
    expect(create).toThrow(error)
    expect(create).not.toThrow('hunter2')
  })

  it.each([undefined, null, 7, 'config', []])('of the plugin that are no object: %j', (config) => {
    expect(() => parseSegmentsConfig(config)).toThrow('is not valid. it: give an object')
  })
})
