import { isIntegrationError } from '@mortise/errors'
import {
  createSegmentsUploader,
  type SegmentsUploader,
  type UploadOptions,
} from '../segments-uploader.ts'
import type { SegmentsUploaderOptions } from '../uploader-options.ts'
import type { Console } from './console.ts'
import { type EventFields, readEvent } from './read-event.ts'
import { readLines } from './read-lines.ts'

export interface UploadSummary {
  readonly uploaded: number
  readonly duplicates: number
  readonly refused: number
  /** Somebody wanted an end: what was read is answered, and the lines behind it were not sent. */
  readonly interrupted?: true
}

/** So many lines are on their way at once: full batches, and bounded memory. */
const MAX_IN_FLIGHT = 5_000
const PROGRESS_EVERY_MS = 500
/** A file of the wrong kind should not print itself. */
const MAX_SHOWN = 20

/** Adds one payload a line. A line that is refused is named and the others go on; an outage ends it. */
export async function uploadLines(
  options: SegmentsUploaderOptions & EventFields,
  console: Console,
): Promise<UploadSummary> {
  const uploader = createSegmentsUploader({
    ...options,
    onDiagnostic: ({ message }) => console.error(message),
  })
  const run = new UploadRun(uploader, options, console)
  const progress = setInterval(() => console.progress(run.line()), PROGRESS_EVERY_MS)
  const signal = console.interruption()
  try {
    for await (const line of readLines(console.stdin, signal)) {
      if (signal.aborted) break
      await run.take(line)
    }
    return { ...(await run.finish()), ...(signal.aborted && { interrupted: true }) }
  } finally {
    clearInterval(progress)
    console.progress('')
    await uploader.close()
  }
}

class UploadRun {
  readonly #uploader: SegmentsUploader
  readonly #fields: EventFields
  readonly #console: Console
  readonly #sending = new Set<Promise<void>>()
  readonly #begin = performance.now()
  #lines = 0
  #uploaded = 0
  #duplicates = 0
  #refused = 0
  #failure: unknown

  constructor(uploader: SegmentsUploader, fields: EventFields, console: Console) {
    this.#uploader = uploader
    this.#fields = fields
    this.#console = console
  }

  line(): string {
    const seconds = (performance.now() - this.#begin) / 1_000
    const rate = Math.round(this.#uploaded / Math.max(seconds, 0.001))
    return `${this.#uploaded} uploaded, ${this.#refused} refused, ${rate}/s`
  }

  async take(text: string | undefined): Promise<void> {
    this.#lines += 1
    if (text === undefined) return this.#refuse(this.#lines, 'it is not valid UTF-8')
    if (text.trim() === '') return
    if (this.#failure !== undefined) throw this.#failure
    const sending: Promise<void> = this.#send(this.#lines, text).finally(() => {
      this.#sending.delete(sending)
    })
    this.#sending.add(sending)
    if (this.#sending.size >= MAX_IN_FLIGHT) await Promise.race(this.#sending)
  }

  async finish(): Promise<UploadSummary> {
    await Promise.all(this.#sending)
    if (this.#failure !== undefined) throw this.#failure
    return { uploaded: this.#uploaded, duplicates: this.#duplicates, refused: this.#refused }
  }

  async #send(line: number, text: string): Promise<void> {
    let payload: unknown
    let event: UploadOptions
    try {
      payload = JSON.parse(text)
      this.#uploader.check(payload)
      event = readEvent(payload, this.#fields)
    } catch (error) {
      this.#refuse(line, error instanceof SyntaxError ? 'it is not valid JSON' : messageOf(error))
      return
    }
    try {
      const { duplicate } = await this.#uploader.upload(payload, event)
      if (duplicate) this.#duplicates += 1
      else this.#uploaded += 1
    } catch (error) {
      this.#failure ??= error
    }
  }

  #refuse(line: number, reason: string): void {
    this.#refused += 1
    if (this.#refused <= MAX_SHOWN) this.#console.error(`line ${line}: ${reason}`)
    if (this.#refused === MAX_SHOWN) this.#console.error('further refused lines are only counted')
  }
}

function messageOf(error: unknown): string {
  return isIntegrationError(error) || error instanceof Error ? error.message : String(error)
}
