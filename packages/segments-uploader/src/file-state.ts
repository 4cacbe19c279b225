import type { CommitRecord } from './commit-record.ts'
import { fromMetadata } from './commit-record.ts'
import { inspectDocument } from './inspect-document.ts'
import type { SegmentObject, SegmentRange, SegmentTarget } from './segment-target.ts'
import { headOf, TAIL } from './segments-document.ts'
import { isConditionRefused, isObjectMissing } from './segments-errors.ts'

/** What a writer knows of a daily file: enough to write the next version without reading this one. */
export interface FileState {
  readonly key: string
  /** The version; `undefined` while there is no file. */
  readonly etag: string | undefined
  readonly record: CommitRecord
  /** The bytes before the closing bracket, while they are worth holding. */
  readonly content: Buffer | undefined
}

/** Why a file is left alone. */
export interface Unreadable {
  readonly key: string
  readonly reason: string
}

export interface LoadOptions {
  target: SegmentTarget
  key: string
  listName: string
  /** Names a new line of appends. */
  lineage: () => string
  /** Hold the content of files up to this size. */
  heldBytes: number
  signal: AbortSignal
  /** What was known before; only what came behind it is read. */
  previous?: FileState | undefined
}

/** Finds out how the file stands. Never changes anything. */
export async function loadState(options: LoadOptions): Promise<FileState | Unreadable> {
  const { target, key, signal } = options
  const object = await target.stat({ key, signal })
  if (!object) return absentState(options)
  const record = fromMetadata(object.metadata)
  if (!record || record.close + TAIL.length !== object.sizeBytes)
    return await adopt(options, object)
  if (record.close > options.heldBytes) return await openLarge(options, object, record)
  const content = await readContent(options, object, record)
  return content ? { key, etag: object.etag, record, content } : await adopt(options, object)
}

function absentState({ key, listName, lineage }: LoadOptions): FileState {
  const content = headOf(listName)
  const record = { lineage: lineage(), count: 0, close: content.length, marks: new Map() }
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
  const tail = await readRange(options, object, { start: record.close })
  return tail.equals(TAIL) ? state : await adopt(options, object)
}

/** All bytes before the bracket; of a file known before only those that came behind. */
async function readContent(
  options: LoadOptions,
  object: SegmentObject,
  record: CommitRecord,
): Promise<Buffer | undefined> {
  const known = knownContent(options.previous, record)
  const rest = await readRange(options, object, { start: known.length })
  const bytes = known.length === 0 ? rest : Buffer.concat([known, rest])
  return bytes.subarray(record.close).equals(TAIL) ? bytes.subarray(0, record.close) : undefined
}

function knownContent(previous: FileState | undefined, record: CommitRecord): Buffer {
  const grown = previous?.etag !== undefined && previous.record.lineage === record.lineage
  return grown && previous.record.close <= record.close && previous.content
    ? previous.content
    : Buffer.alloc(0)
}

/** A file that somebody else wrote is gone on with when it is what it should be, byte for byte kept. */
async function adopt(options: LoadOptions, object: SegmentObject): Promise<FileState | Unreadable> {
  const { target, key, signal } = options
  const { body } = await target.get({ key, ifMatch: object.etag, signal })
  const found = await inspectDocument(body, {
    listName: options.listName,
    heldBytes: options.heldBytes,
  })
  if ('reason' in found) return { key, reason: found.reason }
  const { count, close, content } = found
  const record = { lineage: options.lineage(), count, close, marks: new Map() }
  return { key, etag: object.etag, record, content }
}

async function readRange(
  { target, key, signal }: LoadOptions,
  object: SegmentObject,
  range: SegmentRange,
): Promise<Buffer> {
  const { body } = await target.get({ key, range, ifMatch: object.etag, signal })
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Whether a load failed only because the file changed between two looks; looking again helps. */
export function changedWhileLoading(error: unknown): boolean {
  return isConditionRefused(error) || isObjectMissing(error)
}
