/** How far a download is. */
export interface DownloadProgress {
  /** Bytes received so far, as sent by the server. */
  bytes: number
  /** Bytes in all, when the server said so. */
  totalBytes: number | undefined
  /** Bytes a second over the last few seconds. */
  bytesPerSecond: number
  /** Estimated time to the end, when the total is known and bytes flow. */
  remainingMs: number | undefined
  /** Counts from 1. */
  attempt: number
}

/** Weight of the newest interval in the moving average of the rate. */
const SMOOTHING = 0.3

/** Measures the rate and says when a report is due. */
export class ProgressMeter {
  readonly #intervalMs: number
  #reportedAt = performance.now()
  #reportedBytes = 0
  #rate: number | undefined
  bytes = 0
  totalBytes: number | undefined
  attempt = 1

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs
  }

  /** The next report when it is due. */
  due(now = performance.now()): DownloadProgress | undefined {
    return now - this.#reportedAt >= this.#intervalMs ? this.report(now) : undefined
  }

  report(now = performance.now()): DownloadProgress {
    const elapsed = Math.max(now - this.#reportedAt, 1)
    const rate = (Math.max(this.bytes - this.#reportedBytes, 0) * 1000) / elapsed
    this.#rate = this.#rate === undefined ? rate : this.#rate + SMOOTHING * (rate - this.#rate)
    this.#reportedAt = now
    this.#reportedBytes = this.bytes
    const left = this.totalBytes === undefined ? undefined : this.totalBytes - this.bytes
    return {
      bytes: this.bytes,
      totalBytes: this.totalBytes,
      bytesPerSecond: Math.round(this.#rate),
      remainingMs:
        left === undefined || this.#rate === 0 ? undefined : Math.round((left * 1000) / this.#rate),
      attempt: this.attempt,
    }
  }
}
