import { describe, expect, it } from 'vitest'
import {
  createSegmentsCompactor,
  createSegmentsUploader,
  type SegmentsUploaderOptions,
  type SegmentTarget,
} from '../src/index.ts'
import { createMemorySegmentTarget } from '../src/memory/index.ts'

const NOON = Date.UTC(2026, 10, 21, 12)
const KEY = '2026-11-21_segments.json'
const profile = (id: unknown) => ({ traits: { smi_uid: id }, segments: ['a'] })

function setUp() {
  const target = createMemorySegmentTarget()
  const options = { now: () => NOON, delivery: 'journal', compactEveryMs: Infinity } as const
  const open = (more: Partial<SegmentsUploaderOptions> = {}) =>
    createSegmentsUploader({ target, ...options, ...more })
  const compactor = (over: SegmentTarget = target) =>
    createSegmentsCompactor({ target: over, ...options })
  const ids = (): unknown[] =>
    JSON.parse(target.read(KEY) ?? '{"profiles":[]}').profiles.map(
      ({ smi_uid }: { smi_uid: unknown }) => smi_uid,
    )
  const keys = async () => {
    const found: string[] = []
    for await (const entry of target.list({ prefix: '' })) {
      if (entry.kind === 'object') found.push(entry.key)
    }
    return found
  }
  return { target, open, compactor, ids, keys }
}

describe('the journal', () => {
  it('keeps what is acknowledged until it is folded into the file, once', async () => {
    const { open, compactor, ids, keys } = setUp()
    const [first, second] = [open(), open()]
    const receipt = await first.upload(profile('u1'))
    await second.upload(profile('u2'))
    expect(receipt.key).toMatch(/^2026-11-21_segments\.json\.journal\/[a-z0-9]{16}-00000001$/)
    expect(ids()).toEqual([])
    await expect(compactor().compact()).resolves.toEqual({ objects: 2, profiles: 2 })
    await expect(compactor().compact()).resolves.toEqual({ objects: 0, profiles: 0 })
    expect(new Set(ids())).toEqual(new Set(['u1', 'u2']))
    expect((await keys()).filter((key) => key.includes('.journal/'))).toEqual([])
  })

  it.each([
    ['is there already is taken as stored', 412, 1],
    ['is being written right now is sent again', 409, 2],
  ])('whose object %s', async (_name, status, puts) => {
    const { target, open, compactor, ids } = setUp()
    let sent = 0
    const answering: SegmentTarget = {
      ...target,
      put: async (request) => {
        if (!request.key.includes('.journal/')) return await target.put(request)
        sent += 1
        if (sent > 1 || status === 412) await target.put(request)
        if (sent > 1) return { etag: 'v' }
        throw Object.assign(new Error('refused'), { status })
      },
    }
    await open({ target: answering }).upload(profile('u1'))
    expect(sent).toBe(puts)
    await compactor().compact()
    expect(ids()).toEqual(['u1'])
  })

  it('is folded once by compactors that race', async () => {
    const { open, compactor, ids } = setUp()
    const uploaders = Array.from({ length: 5 }, () => open())
    await Promise.all(
      uploaders.flatMap((uploader, writer) =>
        Array.from({ length: 10 }, (_, event) => uploader.upload(profile(`${writer}-${event}`))),
      ),
    )
    await Promise.all(Array.from({ length: 4 }, () => compactor().compact()))
    expect(ids()).toHaveLength(50)
    expect(new Set(ids()).size).toBe(50)
  })

  it('is folded once when a compactor dies between the commit and the removal', async () => {
    const { target, open, compactor, ids } = setUp()
    await open().upload(profile('u1'))
    const dying = { ...target, delete: () => Promise.reject(new Error('killed')) }
    await expect(compactor(dying).compact()).rejects.toThrow('killed')
    expect(ids()).toEqual(['u1'])
    await expect(compactor().compact()).resolves.toEqual({ objects: 1, profiles: 0 })
    expect(ids()).toEqual(['u1'])
  })

  it('counts an event once that was sent through two writers', async () => {
    const { open, compactor, ids } = setUp()
    await open().upload(profile('u1'), { idempotencyKey: 'event-1' })
    await compactor().compact()
    await open().upload(profile('u1'), { idempotencyKey: 'event-1' })
    await open().upload(profile('u1'), { idempotencyKey: 'event-1' })
    await compactor().compact()
    expect(ids()).toEqual(['u1'])
  })

  it('leaves a damaged object where it is and folds the others', async () => {
    const { target, open, ids } = setUp()
    const diagnostics: string[] = []
    await target.put({ key: `${KEY}.journal/broken-1`, body: Buffer.from('["k",{"smi') })
    const uploader = open({ onDiagnostic: ({ code }) => diagnostics.push(code) })
    await uploader.upload(profile('u1'))
    await uploader.close()
    expect(ids()).toEqual(['u1'])
    expect(diagnostics).toEqual(['SEGMENTS_JOURNAL_UNREADABLE'])
    expect(target.read(`${KEY}.journal/broken-1`)).toBe('["k",{"smi')
  })

  it('goes on under another name when a day is opened again', async () => {
    const { target, open } = setUp()
    const uploader = open()
    const at = (day: number) => ({ occurredAt: new Date(NOON - day * 86_400_000) })
    for (let round = 0; round < 2; round += 1) {
      for (let day = 0; day < 20; day += 2) await uploader.upload(profile(`${round}`), at(day))
    }
    await uploader.close()
    for (let day = 0; day < 20; day += 2) {
      const name = new Date(NOON - day * 86_400_000).toISOString().slice(0, 10)
      const text = target.read(`${name}_segments.json`) ?? '{"profiles":[]}'
      expect(JSON.parse(text).profiles).toHaveLength(2)
    }
  })

  it('of the day before is folded too, when its writers died', async () => {
    const { target, open } = setUp()
    const occurredAt = new Date(NOON - 86_400_000)
    await open().upload(profile('u1'), { occurredAt })
    const uploader = open({ compactEveryMs: 10 })
    await uploader.upload(profile('u2'))
    const yesterday = () => target.read('2026-11-20_segments.json') ?? ''
    await expect.poll(yesterday, { timeout: 2_000 }).toContain('"u1"')
    await uploader.close()
  })

  it('is folded also when the claim of an idle writer has to end first', async () => {
    const { open, ids } = setUp()
    const running = { now: () => NOON + performance.now(), compactEveryMs: 20 }
    const [first, second] = [open(running), open(running)]
    await first.upload(profile('u1'))
    await expect.poll(ids, { timeout: 2_000 }).toEqual(['u1'])
    await second.upload(profile('u2')) // first will not look again by itself
    await expect.poll(ids, { timeout: 3_000 }).toEqual(['u1', 'u2'])
    await Promise.all([first.close(), second.close()])
  })

  it('is folded though a claim says that it lasts for years', async () => {
    const { target, open, ids } = setUp()
    const metadata = { 'segments-holder': 'wrong', 'segments-until': String(NOON + 1e11) }
    await target.put({ key: `${KEY}.lease`, body: Buffer.from('wrong'), metadata })
    const uploader = open({ compactEveryMs: 20 })
    await uploader.upload(profile('u1'))
    await expect.poll(ids, { timeout: 2_000 }).toEqual(['u1'])
    await uploader.close()
  })

  it('is folded by who closes, to its own end, while others go on writing', async () => {
    const { open, ids } = setUp()
    let writing = true
    const busy = Array.from({ length: 4 }, async (_, writer) => {
      const uploader = open()
      for (let n = 0; writing; n += 1) await uploader.upload(profile(`${writer}-${n}`))
    })
    const uploader = open()
    await uploader.upload(profile('own'))
    await uploader.close()
    expect(ids()).toContain('own')
    writing = false
    await Promise.all(busy)
  })

  it('is folded in commits of bounded size', async () => {
    const { target, open, ids } = setUp()
    const uploader = open()
    for (let event = 0; event < 6; event += 1) await uploader.upload(profile(event))
    const writes: string[] = []
    const watched: SegmentTarget = {
      ...target,
      put: (request) => {
        if (request.key === KEY) writes.push(request.key)
        return target.put(request)
      },
      compose: (request) => {
        writes.push(request.key)
        return target.compose(request)
      },
    }
    await createSegmentsCompactor({
      target: watched,
      now: () => NOON,
      delivery: 'journal',
      maxBatchBytes: 120,
    }).compact()
    expect(ids()).toHaveLength(6)
    expect(writes).toHaveLength(3)
  })

  it('is folded in the background by one of the writers', async () => {
    const { open, ids } = setUp()
    const uploaders = Array.from({ length: 3 }, () => open({ compactEveryMs: 20 }))
    await Promise.all(uploaders.map((uploader, writer) => uploader.upload(profile(writer))))
    await expect.poll(() => ids().length, { timeout: 2_000 }).toBe(3)
    await Promise.all(uploaders.map((uploader) => uploader.close()))
    expect(ids()).toHaveLength(3)
  })

  it('is folded soon also when another writer has just done it', async () => {
    const { open, ids } = setUp() // its clock stands still, so no claim ever ends by itself
    const [first, second] = [open({ compactEveryMs: 20 }), open({ compactEveryMs: 20 })]
    await first.upload(profile(1))
    await expect.poll(() => ids().length, { timeout: 2_000 }).toBe(1)
    await second.upload(profile(2))
    await expect.poll(() => ids().length, { timeout: 2_000 }).toBe(2)
    await Promise.all([first.close(), second.close()])
  })
})
