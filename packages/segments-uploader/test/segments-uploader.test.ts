import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createSegmentsUploader, type SegmentsUploaderOptions } from '../src/index.ts'
import { createMemorySegmentTarget } from '../src/memory/index.ts'

const NOON = Date.UTC(2026, 10, 21, 12)
const KEY = '2026-11-21_segments.json'

function setUp(options: Partial<SegmentsUploaderOptions> = {}) {
  const target = createMemorySegmentTarget()
  const uploader = createSegmentsUploader({ target, now: () => NOON, ...options })
  return { target, uploader, read: () => JSON.parse(target.read(KEY) ?? 'null') }
}

const profile = (id: unknown, segments: unknown = ['a']) => ({ traits: { smi_uid: id }, segments })

describe('run', () => {
  it('answers success in the words of the plugin', async () => {
    const { uploader, read } = setUp()
    await expect(uploader.run(profile('u1', ['vip', 'eu']))).resolves.toEqual({
      port: 'success',
      value: { message: 'JSON data uploaded to S3.' },
    })
    expect(read()).toEqual({ profiles: [{ smi_uid: 'u1', segments: ['vip', 'eu'] }] })
  })

  it.each([undefined, null, 7, 'text', [], {}, { traits: null }, { traits: { other: 1 } }])(
    'answers the seed text for a payload without an id: %j',
    async (payload) => {
      await expect(setUp().uploader.run(payload)).resolves.toEqual({
        port: 'error',
        value: { error: 'Could not find payload.traits.smi_uid' },
      })
    },
  )

  it.each([Object.create(null), Symbol('thrown'), undefined])(
    'answers also when the caller’s own code throws what is no error',
    async (thrown) => {
      const { uploader } = setUp({
        toEntry: () => {
          throw thrown
        },
      })
      const answer = await uploader.run(profile('u1'))
      expect(answer).toMatchObject({ port: 'error', value: { error: /^S3 upload error: / } })
    },
  )

  it('answers what the store said behind the seed text', async () => {
    const { target } = setUp()
    const failing = { ...target, stat: () => Promise.reject(new TypeError('broken')) }
    const { uploader } = setUp({ target: failing, commitTimeoutMs: 1 })
    const answer = await uploader.run(profile('u1'))
    expect(answer).toMatchObject({ port: 'error', value: { error: /^S3 upload error: .*broken/ } })
  })
})

describe('upload', () => {
  it('says where the profile stands', async () => {
    const { uploader } = setUp()
    await uploader.upload(profile('u1'))
    await expect(uploader.upload(profile('u2'))).resolves.toEqual({
      key: KEY,
      etag: expect.any(String),
      position: 1,
      duplicate: false,
    })
  })

  it('lets concurrent calls share writes and gives each its position', async () => {
    const { uploader, read } = setUp()
    const receipts = await Promise.all(
      Array.from({ length: 500 }, (_, index) => uploader.upload(profile(index))),
    )
    expect(new Set(receipts.map(({ etag }) => etag)).size).toBeLessThan(5)
    const { profiles } = read()
    expect(profiles).toHaveLength(500)
    receipts.forEach(({ position }, index) => {
      expect(profiles[position]).toEqual({ smi_uid: index, segments: ['a'] })
    })
  })

  it('loses nothing when many uploaders share a file', async () => {
    const { target } = setUp()
    const uploaders = Array.from({ length: 8 }, () => setUp({ target }).uploader)
    await Promise.all(
      uploaders.flatMap((uploader, writer) =>
        Array.from({ length: 25 }, (_, event) => uploader.upload(profile(`${writer}-${event}`))),
      ),
    )
    const { profiles } = JSON.parse(target.read(KEY) ?? '')
    expect(new Set(profiles.map((entry: { smi_uid: string }) => entry.smi_uid)).size).toBe(200)
    expect(profiles).toHaveLength(200)
  })

  it('counts an event once that is sent again with its key', async () => {
    const { uploader, read } = setUp()
    const first = await uploader.upload(profile('u1'), { idempotencyKey: 'event-1' })
    const again = await uploader.upload(profile('u1'), { idempotencyKey: 'event-1' })
    expect(again).toEqual({ ...first, duplicate: true })
    expect(read().profiles).toHaveLength(1)
  })

  it('keeps what others wrote into the file, byte for byte', async () => {
    const { target, uploader } = setUp()
    const theirs = '{"profiles": [{"smi_uid": "old", "segments": []}]}'
    await target.put({ key: KEY, body: Buffer.from(theirs) })
    await uploader.upload(profile('u1'))
    expect(target.read(KEY)).toBe(`${theirs.slice(0, -2)},{"smi_uid":"u1","segments":["a"]}]}`)
  })

  it('leaves a file that cannot be read as it is, goes on beside it and says so', async () => {
    const diagnostics: string[] = []
    const { target, uploader } = setUp({ onDiagnostic: ({ message }) => diagnostics.push(message) })
    await target.put({ key: KEY, body: Buffer.from('{"profiles":[{"smi_uid"') })
    const { key } = await uploader.upload(profile('u1'))
    expect(key).toBe('2026-11-21_segments.side-1.json')
    expect(target.read(KEY)).toBe('{"profiles":[{"smi_uid"')
    expect(diagnostics).toEqual([`${KEY} is left as it is: it ends early`])
  })
})

describe('close', () => {
  it('answers what was accepted and refuses what comes after', async () => {
    const { uploader, read } = setUp()
    const pending = [uploader.upload(profile('u1')), uploader.upload(profile('u2'))]
    await uploader.close()
    await Promise.all(pending)
    expect(read().profiles).toHaveLength(2)
    await expect(uploader.upload(profile('u3'))).rejects.toMatchObject({ code: 'SEGMENTS_CLOSED' })
  })

  it('ends at once when the signal aborts', async () => {
    const controller = new AbortController()
    const { target } = setUp()
    const hanging = { ...target, stat: () => new Promise<never>(() => {}) }
    const { uploader } = setUp({ target: hanging, signal: controller.signal })
    const pending = uploader.upload(profile('u1'))
    await sleep(5)
    controller.abort(new Error('shutting down'))
    await expect(pending).rejects.toMatchObject({ code: 'SEGMENTS_ABORTED' })
  })

  it('flushes what was there before, while others go on', async () => {
    const { uploader } = setUp()
    let busy = true
    const goOn = async () => {
      while (busy) await uploader.upload(profile('u1'))
    }
    const callers = [goOn(), goOn(), goOn()]
    await uploader.flush()
    busy = false
    await Promise.all(callers)
  })
})
