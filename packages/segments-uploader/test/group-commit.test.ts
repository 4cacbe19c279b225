import { getEventListeners } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { GroupCommit, type GroupCommitOptions } from '../src/group-commit.ts'
import { createSegmentsUploader } from '../src/index.ts'
import { createMemorySegmentTarget } from '../src/memory/index.ts'

/** A queue whose commits wait until they are let go. */
function setUp(options: Partial<GroupCommitOptions<number, number>> = {}) {
  const batches: number[][] = []
  const waiting: (() => void)[] = []
  let open = false
  const queue = new GroupCommit<number, number>({
    windowMs: 0,
    maxBatchEvents: 100,
    maxBatchBytes: 1_000,
    maxQueuedEvents: 100,
    maxQueuedBytes: 1_000,
    whenFull: 'wait',
    commit: async (items) => {
      batches.push([...items])
      if (!open) await new Promise<void>((resolve) => waiting.push(resolve))
      return items.map((item) => item * 10)
    },
    ...options,
  })
  const letGo = () => {
    open = true
    for (const resolve of waiting.splice(0)) resolve()
  }
  return { queue, batches, letGo }
}

describe('a group commit', () => {
  it('gathers while the batch before is on its way, and answers each its own', async () => {
    const { queue, batches, letGo } = setUp()
    const first = [queue.add(1, 1), queue.add(2, 1)]
    await turn()
    await turn()
    const second = [queue.add(3, 1), queue.add(4, 1), queue.add(5, 1)]
    letGo()
    await expect(Promise.all([...first, ...second])).resolves.toEqual([10, 20, 30, 40, 50])
    expect(batches).toEqual([
      [1, 2],
      [3, 4, 5],
    ])
  })

  it('keeps a batch below its limits, and lets one alone that is larger', async () => {
    const { queue, batches, letGo } = setUp({ maxBatchEvents: 3, maxBatchBytes: 10 })
    letGo()
    const sizes = [4, 4, 4, 25, 1, 1, 1, 1]
    await Promise.all(sizes.map((size, item) => queue.add(item, size)))
    expect(batches).toEqual([[0, 1], [2], [3], [4, 5, 6], [7]])
  })

  it('lets callers wait outside a full queue, in order', async () => {
    const { queue, batches, letGo } = setUp({ maxQueuedEvents: 2 })
    const answers = Array.from({ length: 7 }, (_, item) => queue.add(item, 1))
    expect(queue.size).toBe(7)
    letGo()
    await Promise.all(answers)
    expect(batches.flat()).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect(Math.max(...batches.map(({ length }) => length))).toBe(2)
    expect(queue.size).toBe(0)
  })

  it('refuses at a full queue where that was asked', async () => {
    const { queue, letGo } = setUp({ maxQueuedBytes: 10, whenFull: 'reject' })
    const large = queue.add(1, 50) // one always fits
    await expect(queue.add(2, 1)).rejects.toMatchObject({
      code: 'SEGMENTS_QUEUE_FULL',
      outcome: 'not_sent',
    })
    letGo()
    await expect(large).resolves.toBe(10)
  })

  it('waits for company as long as the window says', async () => {
    const { queue, batches, letGo } = setUp({ windowMs: 30 })
    letGo()
    const first = queue.add(1, 1)
    await turn()
    await turn()
    await Promise.all([first, queue.add(2, 1)])
    expect(batches).toEqual([[1, 2]])
  })

  it('takes back what is not on its way when its signal aborts, inside and outside', async () => {
    const { queue, batches, letGo } = setUp({ maxQueuedEvents: 1 })
    const controller = new AbortController()
    const sent = queue.add(0, 1, controller.signal)
    await turn()
    await turn()
    const queued = queue.add(1, 1, controller.signal)
    const outside = queue.add(2, 1, controller.signal)
    const other = queue.add(3, 1)
    controller.abort(new Error('enough'))
    await expect(sent).rejects.toMatchObject({ code: 'SEGMENTS_ABORTED', outcome: 'unknown' })
    for (const answer of [queued, outside]) {
      await expect(answer).rejects.toMatchObject({ code: 'SEGMENTS_ABORTED', outcome: 'not_sent' })
    }
    letGo()
    await expect(other).resolves.toBe(30)
    expect(batches).toEqual([[0], [3]])
    expect(getEventListeners(controller.signal, 'abort')).toEqual([])
  })

  it('fails all of a batch with its error, and goes on', async () => {
    let fail = true
    const { queue } = setUp({
      commit: (items) => (fail ? Promise.reject(new Error('down')) : Promise.resolve([...items])),
    })
    const answers = await Promise.allSettled([queue.add(1, 1), queue.add(2, 1)])
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    fail = false
    await expect(queue.add(3, 1)).resolves.toBe(3)
  })

  it('answers everything before it is closed, and nothing after', async () => {
    const { queue, letGo } = setUp({ maxQueuedEvents: 2 })
    const answers = Array.from({ length: 5 }, (_, item) => queue.add(item, 1))
    const closed = queue.close()
    letGo()
    await closed
    await expect(Promise.all(answers)).resolves.toHaveLength(5)
    await expect(queue.add(9, 1)).rejects.toMatchObject({ code: 'SEGMENTS_CLOSED' })
  })
})

describe('an uploader', () => {
  it('leaves no listener on a signal that outlives it', async () => {
    const { signal } = new AbortController()
    const target = createMemorySegmentTarget()
    for (let round = 0; round < 3; round += 1) {
      const uploader = createSegmentsUploader({ target, signal })
      await Promise.all(
        Array.from({ length: 10 }, (_, id) =>
          uploader.upload({ traits: { smi_uid: `${round}-${id}` } }, { signal }),
        ),
      )
      await uploader.close()
    }
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  it('refuses everything once its signal was aborted', async () => {
    const target = createMemorySegmentTarget()
    const uploader = createSegmentsUploader({ target, signal: AbortSignal.abort() })
    await expect(uploader.upload({ traits: { smi_uid: 1 } })).rejects.toMatchObject({
      code: 'SEGMENTS_CLOSED',
    })
  })
})
