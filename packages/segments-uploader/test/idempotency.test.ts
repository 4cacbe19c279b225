import { describe, expect, it } from 'vitest'
import {
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
  const open = (options: Partial<SegmentsUploaderOptions> = {}) =>
    createSegmentsUploader({ target, now: () => NOON, ...options })
  return { target, open, count: () => JSON.parse(target.read(KEY) ?? '').profiles.length }
}

describe('an idempotency key', () => {
  it('counts once what another process sends again', async () => {
    const { open, count } = setUp()
    const [first, second] = [open(), open()]
    const receipt = await first.upload(profile('u1'), { idempotencyKey: 'event-1' })
    await first.upload(profile('u2'), { idempotencyKey: 'event-2' })
    const again = await second.upload(profile('u1'), { idempotencyKey: 'event-1' })
    expect(again).toMatchObject({ key: KEY, position: receipt.position, duplicate: true })
    expect(count()).toBe(2)
  })

  it('is sent by who waited when the first caller gives up', async () => {
    const { open, count } = setUp()
    const uploader = open()
    const giveUp = new AbortController()
    const options = { idempotencyKey: 'event-1', signal: giveUp.signal }
    const first = uploader.upload(profile('u1'), options)
    const second = uploader.upload(profile('u1'), { idempotencyKey: 'event-1' })
    giveUp.abort()
    await expect(first).rejects.toMatchObject({ code: 'SEGMENTS_ABORTED' })
    await expect(second).resolves.toMatchObject({ position: 0 })
    expect(count()).toBe(1)
  })

  it('lets everybody stop waiting who shares an answer', async () => {
    const { target } = setUp()
    const silent = { ...target, put: () => new Promise<never>(() => {}) }
    const end = new AbortController()
    const options = { target: silent, now: () => NOON, signal: end.signal }
    const uploader = createSegmentsUploader(options)
    const first = uploader.upload(profile('u1'), { idempotencyKey: 'event-1' })
    const stop = new AbortController()
    const second = uploader.upload(profile('u1'), {
      idempotencyKey: 'event-1',
      signal: stop.signal,
    })
    stop.abort()
    await expect(second).rejects.toMatchObject({ code: 'SEGMENTS_ABORTED', outcome: 'unknown' })
    end.abort()
    await expect(first).rejects.toMatchObject({ code: 'SEGMENTS_ABORTED' })
  })

  it('goes to the file of its day when it is sent again after midnight', async () => {
    const { target, open, count } = setUp()
    const occurredAt = new Date(NOON)
    await open().upload(profile('u1'), { idempotencyKey: 'event-1', occurredAt })
    const nextDay = open({ now: () => NOON + 86_400_000 })
    const again = await nextDay.upload(profile('u1'), { idempotencyKey: 'event-1', occurredAt })
    expect(again).toMatchObject({ key: KEY, duplicate: true })
    expect(count()).toBe(1)
    expect(target.read('2026-11-22_segments.json')).toBeUndefined()
  })

  it('counts once what two processes send at the same time', async () => {
    const { open, count } = setUp()
    const uploaders = Array.from({ length: 5 }, () => open())
    const receipts = await Promise.all(
      uploaders.flatMap((uploader) =>
        Array.from({ length: 20 }, (_, event) =>
          uploader.upload(profile(event), { idempotencyKey: `event-${event}` }),
        ),
      ),
    )
    expect(count()).toBe(20)
    expect(receipts.filter(({ duplicate }) => !duplicate)).toHaveLength(20)
  })

  it('is remembered across thousands of commits, and the chain stays short', async () => {
    const { target, open, count } = setUp()
    const writer = open()
    for (let event = 0; event < 600; event += 1) {
      await writer.upload(profile(event), { idempotencyKey: `event-${event}` })
    }
    const again = await open().upload(profile(0), { idempotencyKey: 'event-0' })
    expect(again).toMatchObject({ position: 0, duplicate: true })
    expect(count()).toBe(600)
    await writer.close()
    let links = 0
    for await (const _link of target.list({ prefix: `${KEY}.ledger/` })) links += 1
    expect(links).toBeLessThanOrEqual(33)
  })

  it('is forgotten behind the window', async () => {
    const { open, count } = setUp()
    const writer = open({ idempotencyWindow: 2 })
    for (const event of [1, 2, 3, 1]) {
      await writer.upload(profile(event), { idempotencyKey: `event-${event}` })
    }
    expect(count()).toBe(4)
  })

  it('leaves no link behind that no commit names', async () => {
    const { target, open } = setUp()
    const uploaders = Array.from({ length: 4 }, () => open())
    await Promise.all(
      uploaders.map(async (uploader, writer) => {
        for (let event = 0; event < 7; event += 1) {
          await uploader.upload(profile(event), { idempotencyKey: `${writer}-${event}` })
        }
        await uploader.close()
      }),
    )
    let links = 0
    for await (const _link of target.list({ prefix: `${KEY}.ledger/` })) links += 1
    expect(links).toBe(28)
  })

  it('of thousands are not written again and again when writers take turns', async () => {
    const { target, open } = setUp()
    const wholes: string[] = []
    const watched: SegmentTarget = {
      ...target,
      put: (request) => {
        const text = request.key.includes('.ledger/') ? String(request.body) : ''
        if (text.includes('"previous":null')) wholes.push(request.key)
        return target.put(request)
      },
    }
    const writers = [open({ target: watched }), open({ target: watched })]
    const send = (event: number) =>
      writers[event % 2]?.upload(profile(event), { idempotencyKey: `event-${event}` })
    await Promise.all(Array.from({ length: 3_000 }, (_, event) => send(event)))
    const before = wholes.length
    for (let event = 3_000; event < 3_040; event += 1) await send(event)
    expect(wholes.length - before).toBeLessThanOrEqual(2)
  })

  it('is no cause for alarm when an answer is lost and the chain was made anew', async () => {
    const { target, open } = setUp()
    const diagnostics: unknown[] = []
    let [lose, vanish] = [true, true]
    const flaky: SegmentTarget = {
      ...target,
      get: async (request) => {
        if (!request.key.includes('.ledger/')) return await target.get(request)
        if (lose) {
          lose = false
          throw Object.assign(new Error('lost'), { status: 503 })
        }
        if (vanish) {
          vanish = false
          return await target.get({ ...request, key: 'nowhere' })
        }
        return await target.get(request)
      },
    }
    await open().upload(profile('u1'), { idempotencyKey: 'event-1' })
    const second = open({ target: flaky, onDiagnostic: (one) => diagnostics.push(one) })
    const again = await second.upload(profile('u1'), { idempotencyKey: 'event-1' })
    expect(again.duplicate).toBe(true)
    expect(diagnostics).toEqual([])
  })
})
