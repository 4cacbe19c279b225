/** How far a download is. */
export interface DownloadProgress {
  /** Bytes received so far, as sent by the server. */
  bytes: number
  /** Bytes in all, when the server said so. */
  totalBytes: number | undefined
  /** Bytes a second, a moving average. */
  bytesPerSecond: number
  /** Estimated time to the end, when the total is known and bytes flow. */
  remainingMs: number | undefined
  /** Counts from 1. */
  attempt: number
}

/** Shortest interval that says something about the rate. */
const SAMPLE_MS = 50
/** After this long an old rate has lost half of its weight. */
const HALF_LIFE_MS = 2000

/** Counts bytes and measures their rate. */
export class ProgressMeter {
  bytes = 0
  totalBytes: number | undefined
  attempt = 1
  #sampledAt = performance.now()
  #sampledBytes = 0
  #rate: number | undefined

  report(): DownloadProgress {
    this.#sample()
    const rate = this.#rate ?? 0
    const left = this.totalBytes === undefined ? undefined : this.totalBytes - this.bytes
    return {
      bytes: this.bytes,
      totalBytes: this.totalBytes,
      bytesPerSecond: Math.round(rate),
      remainingMs: left === undefined || rate === 0 ? undefined : Math.round((left * 1000) / rate),
      attempt: this.attempt,
    }
  }

  #sample(): void {
    const now = performance.now()
    const elapsed = now - this.#sampledAt
    if (elapsed < SAMPLE_MS) return
    const rate = (Math.max(this.bytes - this.#sampledBytes, 0) * 1000) / elapsed
    const weight = 0.5 ** (elapsed / HALF_LIFE_MS)
    this.#rate = this.#rate === undefined ? rate : weight * this.#rate + (1 - weight) * rate
    this.#sampledAt = now
    this.#sampledBytes = this.bytes
  }
}
