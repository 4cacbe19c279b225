import { setTimeout as sleep } from 'node:timers/promises'
import { closedError, toTargetError } from '../segments-errors.ts'
import type { SegmentsUploader } from '../segments-uploader.ts'
import type { LocalDiagnostic } from './local-diagnostic.ts'
import { decodeEvent } from './logged-event.ts'
import type { LogRecord } from './write-ahead-log.ts'

const MAX_DELAY_MS = 30_000
const FIRST_DELAY_MS = 100

/** Sends what is on the disk until it is in the file, and only then lets the log forget it. */
export class LogSender {
  readonly #uploader: SegmentsUploader
  readonly #onDiagnostic: (diagnostic: LocalDiagnostic) => void
  readonly #sending = new Set<Promise<void>>()
  readonly #stop = new AbortController()
  /** Of what waits for the disk or for the file. */
  bytes = 0

  constructor(uploader: SegmentsUploader, onDiagnostic: (diagnostic: LocalDiagnostic) => void) {
    this.#uploader = uploader
    this.#onDiagnostic = onDiagnostic
  }

  get size(): number {
    return this.#sending.size
  }

  /** Counts bytes that are on their way to the disk; those that do not get there count no more. */
  async counted(data: Buffer, append: Promise<LogRecord>): Promise<LogRecord> {
    this.bytes += data.length
    try {
      return await append
    } finally {
      this.bytes -= data.length
    }
  }

  send(record: LogRecord): void {
    this.bytes += record.data.length
    const sending: Promise<void> = this.#deliver(record).finally(() => {
      this.bytes -= record.data.length
      this.#sending.delete(sending)
    })
    this.#sending.add(sending)
  }

  async flush(): Promise<void> {
    await Promise.all(this.#sending)
    await this.#uploader.flush()
  }

  async close(timeoutMs: number): Promise<void> {
    const timer = setTimeout(() => this.#stop.abort(closedError()), timeoutMs)
    await Promise.all(this.#sending)
    clearTimeout(timer)
    this.#stop.abort(closedError())
  }

  async #deliver(record: LogRecord): Promise<void> {
    const event = decodeEvent(record.data)
    if (!event) return this.#onDiagnostic(unreadableEvent()) // its file stays
    const { key, at, payload } = event
    const request = { idempotencyKey: key, occurredAt: new Date(at), signal: this.#stop.signal }
    for (let attempt = 0; !this.#stop.signal.aborted; attempt += 1) {
      try {
        await this.#uploader.upload(payload, request)
        await record.done().catch(() => {}) // a file that stays is sent again, and counts once
        return
      } catch (error) {
        if (this.#stop.signal.aborted) return
        const { message } = toTargetError(error)
        this.#onDiagnostic({ code: 'SEGMENTS_UPLOAD_FAILED', message })
        const delayMs = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt)
        await sleep(delayMs, undefined, { signal: this.#stop.signal }).catch(() => {})
      }
    }
  }
}

function unreadableEvent(): LocalDiagnostic {
  return { code: 'SEGMENTS_LOG_DAMAGED', message: 'The log holds a record that is no event' }
}
