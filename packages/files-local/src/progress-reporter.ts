import { callbackFailed } from './content-pipeline.ts'
import type { DownloadRequest } from './download-request.ts'
import type { DownloadProgress } from './progress.ts'

/**
 * Calls `onProgress` on a timer of its own, so that a stalled download is reported too. Calls never overlap; one that
 * fails ends the download.
 */
export class ProgressReporter implements AsyncDisposable {
  readonly #request: DownloadRequest
  readonly #onProgress: ((progress: DownloadProgress) => unknown) | undefined
  readonly #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined

  constructor(
    request: DownloadRequest,
    onProgress: ((progress: DownloadProgress) => unknown) | undefined,
  ) {
    this.#request = request
    this.#onProgress = onProgress
    if (onProgress === undefined) return
    this.#timer = setInterval(
      () => {
        if (this.#running !== undefined) return
        this.#running = this.#call()
          .catch((error: unknown) => request.abort(error as Error))
          .finally(() => {
            this.#running = undefined
          })
      },
      Math.max(request.limits.progressIntervalMs, 1),
    )
  }

  /** The last report, when the file stands. */
  async finish(): Promise<void> {
    await this[Symbol.asyncDispose]()
    await this.#call()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    await this.#running
  }

  async #call(): Promise<void> {
    try {
      await this.#onProgress?.(this.#request.progress.report())
    } catch (error) {
      throw callbackFailed('onProgress', error)
    }
  }
}
