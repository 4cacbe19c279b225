import { transient } from './download-error.ts'

type Waiting = 'headers' | 'body' | undefined

export interface WatchdogLimits {
  headersTimeoutMs: number
  idleTimeoutMs: number
  minBytesPerSecond: number
}

/** Over how long the slowest acceptable rate is averaged. */
const SPEED_WINDOW_MS = 60_000

/**
 * Bounds the time spent waiting for a server. It stands still while nobody waits: undici's own body timeout also
 * does, but never starts again while the consumer is slower than the server.
 */
export class Watchdog {
  readonly #limits: WatchdogLimits
  readonly #bite: (error: Error) => void
  #timer: NodeJS.Timeout | undefined
  #waiting: Waiting
  #since = 0
  #dueAt = 0
  #windowWaitedMs = 0
  #windowBytes = 0

  constructor(limits: WatchdogLimits, bite: (error: Error) => void) {
    this.#limits = limits
    this.#bite = bite
  }

  /** Starts to wait for headers or for the body. */
  wait(what: 'headers' | 'body'): void {
    this.#waiting = what
    this.#since = performance.now()
    this.#arm()
  }

  /** Bytes have come; the silence is over. */
  heard(bytes: number): void {
    if (this.#waiting === undefined) return
    const now = performance.now()
    this.#windowWaitedMs += now - this.#since
    this.#windowBytes += bytes
    this.#since = now
    if (this.#windowWaitedMs > SPEED_WINDOW_MS) this.#judgeSpeed()
  }

  /** Nobody waits for the server now. */
  rest(): void {
    if (this.#waiting === 'body') this.heard(0)
    this.#waiting = undefined
  }

  stop(): void {
    this.#waiting = undefined
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #judgeSpeed(): void {
    const rate = (this.#windowBytes * 1000) / this.#windowWaitedMs
    this.#windowWaitedMs = 0
    this.#windowBytes = 0
    if (rate < this.#limits.minBytesPerSecond) {
      this.#fail(
        'speed',
        `the server sent ${Math.round(rate)} bytes a second, less than minBytesPerSecond`,
      )
    }
  }

  /** One timer a download, looked at when it fires: chunks only write down the time. */
  #arm(): void {
    const limit = this.#limit()
    const dueAt = this.#since + limit
    if (limit === 0 || (this.#timer !== undefined && this.#dueAt <= dueAt)) return
    clearTimeout(this.#timer)
    this.#dueAt = dueAt
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined
        this.#check()
      },
      Math.max(1, Math.ceil(dueAt - performance.now())),
    )
  }

  #check(): void {
    if (this.#waiting === undefined) return
    if (performance.now() - this.#since < this.#limit()) this.#arm()
    else if (this.#waiting === 'headers')
      this.#fail('headers', `no response headers for ${this.#limit()} ms`)
    else this.#fail('idle', `the body stood still for ${this.#limit()} ms`)
  }

  #limit(): number {
    return this.#waiting === 'headers' ? this.#limits.headersTimeoutMs : this.#limits.idleTimeoutMs
  }

  #fail(timeout: string, message: string): void {
    this.stop()
    this.#bite(transient(message, { code: 'FILES_LOCAL_TIMED_OUT', details: { timeout } }))
  }
}
