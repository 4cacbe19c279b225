/** Why a call was not admitted. */
export type Refusal = 'full' | 'too-late' | 'aborted'

/** How many calls may run and wait. */
export interface CallQueueOptions {
  readonly concurrency: number
  readonly maxQueued: number
  /** How long a call may wait for its turn, in milliseconds. */
  readonly maxWaitMs: number
}

interface Waiting {
  admit: () => void
}

/** Admits calls in order, a bounded number at a time, and lets a bounded number wait for a bounded time. */
export class CallQueue {
  readonly #options: CallQueueOptions
  readonly #waiting = new Set<Waiting>()
  #active = 0

  constructor(options: CallQueueOptions) {
    this.#options = options
  }

  get active(): number {
    return this.#active
  }

  get queued(): number {
    return this.#waiting.size
  }

  /** `undefined` means admitted: call {@link leave} afterwards. Answers at once, without a look at the signal, when there is room. */
  enter(
    caller: { readonly signal?: AbortSignal | undefined } = {},
  ): Refusal | undefined | Promise<Refusal | undefined> {
    if (this.#active < this.#options.concurrency) {
      this.#active++
      return undefined
    }
    if (this.#waiting.size >= this.#options.maxQueued) return 'full'
    const { signal } = caller
    if (signal?.aborted) return 'aborted'
    return this.#wait(signal)
  }

  /** Gives the place to the call that waited longest. */
  leave(): void {
    const [first] = this.#waiting
    if (first === undefined) this.#active--
    else first.admit()
  }

  #wait(signal: AbortSignal | undefined): Promise<Refusal | undefined> {
    return new Promise((resolve) => {
      const end = (refusal: Refusal | undefined) => {
        this.#waiting.delete(waiting)
        clearTimeout(timer)
        signal?.removeEventListener('abort', abort)
        resolve(refusal)
      }
      const waiting: Waiting = { admit: () => end(undefined) }
      const abort = () => end('aborted')
      const timer = setTimeout(() => end('too-late'), this.#options.maxWaitMs)
      signal?.addEventListener('abort', abort, { once: true })
      this.#waiting.add(waiting)
    })
  }
}
