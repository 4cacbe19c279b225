import { TransientError } from '@mortise/errors'
import { abortedError, closedError, SEGMENTS_CODES } from './segments-errors.ts'

export interface GroupCommitOptions<Item, Receipt> {
  /** Writes a batch in one step and answers one receipt for each item, or rejects for all of them. */
  commit: (items: readonly Item[]) => Promise<readonly Receipt[]>
  /** Wait so long for company before a write. 0: as long as the write before takes. */
  windowMs: number
  maxBatchEvents: number
  maxBatchBytes: number
  maxQueuedEvents: number
  maxQueuedBytes: number
  whenFull: 'wait' | 'reject'
}

/** One event that waits for its commit. */
interface Pending<Item, Receipt> {
  readonly item: Item
  readonly bytes: number
  readonly resolve: (receipt: Receipt) => void
  readonly reject: (error: unknown) => void
}

/**
 * Lets concurrent callers share one write. While a batch is on its way the next one gathers, so batches grow
 * with the load by themselves. The queue is bounded: a call that finds it full waits outside, in order.
 */
export class GroupCommit<Item, Receipt> {
  readonly #options: GroupCommitOptions<Item, Receipt>
  readonly #queue = new Set<Pending<Item, Receipt>>()
  readonly #outside = new Set<Pending<Item, Receipt>>()
  readonly #answers = new Set<Promise<unknown>>()
  #queuedBytes = 0
  #inFlight = 0
  #running: Promise<void> | undefined
  #closed = false

  constructor(options: GroupCommitOptions<Item, Receipt>) {
    this.#options = options
  }

  /** Events accepted and not yet answered. */
  get size(): number {
    return this.#queue.size + this.#outside.size + this.#inFlight
  }

  /** Resolves with the receipt once the batch that holds the item stands. */
  async add(item: Item, bytes: number, signal?: AbortSignal): Promise<Receipt> {
    if (this.#closed) throw closedError()
    if (signal?.aborted) throw abortedError('not_sent', signal.reason)
    let onAbort: () => void = () => {}
    const answer = new Promise<Receipt>((resolve, reject) => {
      const pending = { item, bytes, resolve, reject }
      onAbort = () => reject(abortedError(this.#remove(pending), signal?.reason))
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#accept(pending)
    })
    this.#answers.add(answer)
    try {
      return await answer
    } finally {
      this.#answers.delete(answer)
      signal?.removeEventListener('abort', onAbort)
    }
  }

  /** Resolves when everything accepted so far is answered, whatever comes meanwhile. */
  async drain(): Promise<void> {
    await Promise.allSettled(this.#answers)
  }

  /** Accepts nothing more, and resolves when nothing is on its way any more. */
  async close(): Promise<void> {
    this.#closed = true
    while (this.#running !== undefined) await this.#running
  }

  /** Accepts nothing more and rejects everything that is not on its way yet. */
  abort(reason: unknown): void {
    this.#closed = true
    for (const { reject } of [...this.#queue, ...this.#outside]) {
      reject(abortedError('not_sent', reason))
    }
    this.#queue.clear()
    this.#outside.clear()
    this.#queuedBytes = 0
  }

  #accept(pending: Pending<Item, Receipt>): void {
    if (!this.#isFull(pending.bytes) && this.#outside.size === 0) this.#enter(pending)
    else if (this.#options.whenFull === 'wait') this.#outside.add(pending)
    else pending.reject(queueFullError(this.#options))
  }

  #enter(pending: Pending<Item, Receipt>): void {
    this.#queue.add(pending)
    this.#queuedBytes += pending.bytes
    this.#running ??= this.#run()
  }

  #isFull(bytes: number): boolean {
    const { maxQueuedEvents, maxQueuedBytes } = this.#options
    if (this.#queue.size === 0) return false // one event always fits, or it could never go
    return this.#queue.size >= maxQueuedEvents || this.#queuedBytes + bytes > maxQueuedBytes
  }

  async #run(): Promise<void> {
    while (this.#queue.size > 0) {
      await this.#gather()
      const batch = this.#takeBatch()
      if (batch.length > 0) await this.#commit(batch)
    }
    this.#running = undefined
  }

  /** One turn of the event loop lets everybody who is about to call join; a window waits longer. */
  async #gather(): Promise<void> {
    const { windowMs } = this.#options
    await new Promise<void>((resolve) => {
      if (windowMs > 0 && !this.#closed) setTimeout(resolve, windowMs)
      else setImmediate(resolve)
    })
  }

  #takeBatch(): Pending<Item, Receipt>[] {
    const { maxBatchEvents, maxBatchBytes } = this.#options
    const batch: Pending<Item, Receipt>[] = []
    let bytes = 0
    for (const pending of this.#queue) {
      bytes += pending.bytes
      if (batch.length === maxBatchEvents || (batch.length > 0 && bytes > maxBatchBytes)) break
      batch.push(pending)
    }
    for (const pending of batch) this.#remove(pending)
    return batch
  }

  async #commit(batch: readonly Pending<Item, Receipt>[]): Promise<void> {
    this.#inFlight = batch.length
    try {
      const receipts = await this.#options.commit(batch.map(({ item }) => item))
      batch.forEach(({ resolve }, index) => {
        resolve(receipts[index] as Receipt)
      })
    } catch (error) {
      for (const { reject } of batch) reject(error)
    } finally {
      this.#inFlight = 0
    }
  }

  /** Takes an event back, and lets those outside enter. What is on its way already cannot be taken back. */
  #remove(pending: Pending<Item, Receipt>): 'not_sent' | 'unknown' {
    if (this.#outside.delete(pending)) return 'not_sent'
    if (!this.#queue.delete(pending)) return 'unknown'
    this.#queuedBytes -= pending.bytes
    for (const next of this.#outside) {
      if (this.#isFull(next.bytes)) break
      this.#outside.delete(next)
      this.#enter(next)
    }
    return 'not_sent'
  }
}

function queueFullError({
  maxQueuedEvents,
  maxQueuedBytes,
}: Pick<
  GroupCommitOptions<unknown, unknown>,
  'maxQueuedEvents' | 'maxQueuedBytes'
>): TransientError {
  return new TransientError(
    `The queue is full (maxQueuedEvents ${maxQueuedEvents}, maxQueuedBytes ${maxQueuedBytes})`,
    { code: SEGMENTS_CODES.queueFull, outcome: 'not_sent' },
  )
}
