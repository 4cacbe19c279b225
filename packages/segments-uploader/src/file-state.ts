import { type CommitRecord, fromMetadata } from './commit-record.ts'
import { DocumentError } from './list-scanner.ts'
import { scanDocument } from './scan-document.ts'
import type { SegmentObject, SegmentTarget } from './segment-target.ts'
import { isConditionRefused, isObjectMissing } from './segments-errors.ts'
import type { SegmentsFormat } from './segments-format.ts'
import type { UpsertEntries } from './upsert-entries.ts'

/** What a writer knows of a daily file: enough to write the next version without reading this one. */
export interface FileState {
  readonly key: string
  /** The version; `undefined` while there is no file. */
  readonly etag: string | undefined
  readonly record: CommitRecord
  /** The bytes before the closing bracket, while they are worth holding. */
  readonly content: Buffer | undefined
  /** The whole list, in mode `upsert`. */
  readonly entries?: UpsertEntries | undefined
}

/** Why a file is left alone. */
export interface Unreadable {
  readonly key: string
  readonly reason: string
}

export interface LoadOptions {
  target: SegmentTarget
  key: string
  format: SegmentsFormat
  /** Names a new line of appends. */
  lineage: () => string
  /** Hold the content of files up to this size. */
  heldBytes: number
  signal: AbortSignal
  /** Says that bytes came. */
  alive: () => void
  /** What was known before; only what came behind it is read. */
  previous?: FileState | undefined
}

/** Finds out how the file stands. Never changes anything. */
export async function loadState(options: LoadOptions): Promise<FileState | Unreadable> {
  const { target, key, signal } = options
  const object = await target.stat({ key, signal })
  if (!object) return absentState(options)
  const record = recordOf(object, options.format)
  if (!record || record.close + options.format.tail.length !== object.sizeBytes)
    return await adopt(options, object)
  if (record.close > options.heldBytes) return await openLarge(options, object, record)
  const content = await readContent(options, object, record)
  return content ? { key, etag: object.etag, record, content } : await adopt(options, object)
}

/** What the file says about itself, if that was written in this format. */
export function recordOf(
  { metadata }: SegmentObject,
  { tag }: SegmentsFormat,
): CommitRecord | undefined {
  const record = fromMetadata(metadata)
  return record?.lineage.endsWith(tag) ? record : undefined
}

/** No file yet. */
export function absentState({ key, format, lineage }: LoadOptions): FileState {
  const content = format.head
  const record = {
    lineage: lineage(),
    count: 0,
    close: content.length,
    marks: new Map(),
    ledger: undefined,
  }
  return { key, etag: undefined, record, content }
}

/** A file too large to hold: its last two bytes vouch for the rest, once for each line of appends. */
async function openLarge(
  options: LoadOptions,
  object: SegmentObject,
  record: CommitRecord,
): Promise<FileState | Unreadable> {
  const state = { key: options.key, etag: object.etag, record, content: undefined }
  if (options.previous?.record.lineage === record.lineage) return state
  const { tail } = options.format
  const found = await readRange(options, object, record.close - 1)
  return found.subarray(1).equals(tail) ? state : await adopt(options, object)
}

/** All bytes before the bracket; of a file known before only those that came behind. */
async function readContent(
  options: LoadOptions,
  object: SegmentObject,
  record: CommitRecord,
): Promise<Buffer | undefined> {
  const known = knownContent(options.previous, record)
  const rest = await readRange(options, object, known.length)
  const bytes = known.length === 0 ? rest : Buffer.concat([known, rest])
  return bytes.subarray(record.close).equals(options.format.tail)
    ? bytes.subarray(0, record.close)
    : undefined
}

function knownContent(previous: FileState | undefined, record: CommitRecord): Buffer {
  const grown = previous?.etag !== undefined && previous.record.lineage === record.lineage
  return grown && previous.record.close <= record.close && previous.content
    ? previous.content
    : Buffer.alloc(0)
}

/** A file that somebody else wrote is gone on with when it is what it should be, byte for byte kept. */
async function adopt(options: LoadOptions, object: SegmentObject): Promise<FileState | Unreadable> {
  const { target, key, format, signal } = options
  const { body } = await target.get({ key, ifMatch: object.etag, signal })
  const held = new HeldBytes(options.heldBytes)
  try {
    const { count, close: end } = await scanDocument(held.over(watched(body, options)), format)
    const close = format.compressed ? held.closeBefore(format.tail) : end
    const record = {
      lineage: options.lineage(),
      count,
      close,
      marks: new Map(),
      ledger: options.previous?.record.ledger,
    }
    return { key, etag: object.etag, record, content: held.upTo(close) }
  } catch (error) {
    if (error instanceof DocumentError) return { key, reason: error.message }
    throw error
  }
}

/** Remembers the bytes that pass, as long as they are few enough to hold, and the last ones in any case. */
class HeldBytes {
  readonly #limit: number
  #chunks: Uint8Array[] = []
  #last: Buffer = Buffer.alloc(0)
  #size = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  async *over(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) {
      this.#size += chunk.length
      this.#last = Buffer.concat([this.#last, chunk]).subarray(-LAST_BYTES)
      if (this.#size <= this.#limit + LAST_BYTES) this.#chunks.push(chunk)
      else this.#chunks = []
      yield chunk
    }
  }

  upTo(close: number): Buffer | undefined {
    return close <= this.#limit && this.#chunks.length > 0
      ? Buffer.concat(this.#chunks).subarray(0, close)
      : undefined
  }

  closeBefore(tail: Buffer): number {
    if (this.#last.subarray(this.#last.length - tail.length).equals(tail))
      return this.#size - tail.length
    throw new DocumentError('its last gzip member is not the tail that this package writes')
  }
}

/** More than any tail. */
const LAST_BYTES = 64

async function readRange(
  options: LoadOptions,
  object: SegmentObject,
  start: number,
): Promise<Buffer> {
  const { target, key, signal } = options
  const request = { key, ifMatch: object.etag, signal }
  const { body } = await target.get(start === 0 ? request : { ...request, range: { start } })
  const chunks: Uint8Array[] = []
  for await (const chunk of watched(body, options)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** A body whose reading ends with the signal and keeps the time limit away. */
export async function* watched(
  body: AsyncIterable<Uint8Array>,
  { signal, alive }: { signal: AbortSignal; alive: () => void },
): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    signal.throwIfAborted()
    alive()
    yield chunk
  }
}

/** Whether a load failed only because the file changed between two looks; looking again helps. */
export function changedWhileLoading(error: unknown): boolean {
  return isConditionRefused(error) || isObjectMissing(error)
}
