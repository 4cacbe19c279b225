import { PermanentError } from '@mortise/errors'
import { type CommitRecord, type Marks, toMetadata } from './commit-record.ts'
import { type FileState, watched } from './file-state.ts'
import type { Entry } from './profile.ts'
import type { SegmentTarget } from './segment-target.ts'
import { SEGMENTS_CODES } from './segments-errors.ts'
import type { SegmentsFormat } from './segments-format.ts'

export interface WriteOptions {
  target: SegmentTarget
  format: SegmentsFormat
  entries: readonly Entry[]
  marks: Marks
  ledger: string | undefined
  /** Append on the server's side. */
  compose: boolean
  /** Hold the content of a file up to this size. */
  heldBytes: number
  /** Only for a single writer on a store without conditions. */
  unconditional: boolean
  signal: AbortSignal
  /** Says that bytes went. */
  alive: () => void
}

/** Writes the version after `state`, under the condition that `state` still stands. */
export async function writeState(state: FileState, options: WriteOptions): Promise<FileState> {
  const { format } = options
  const added = format.append(
    options.entries.map(({ bytes }) => bytes),
    state.record.count === 0,
  )
  const record: CommitRecord = {
    lineage: state.record.lineage,
    count: state.record.count + options.entries.length,
    close: state.record.close + added.length - format.tail.length,
    marks: options.marks,
    ledger: options.ledger,
  }
  const request = {
    key: state.key,
    mediaType: format.mediaType,
    metadata: toMetadata(record),
    signal: options.signal,
    ...(options.unconditional ? {} : conditionOf(state)),
  }
  if (options.compose) {
    const { etag } = await options.target.compose({ ...request, parts: partsOf(state, added) })
    return { key: state.key, etag, record, content: undefined }
  }
  const body = state.content
    ? Buffer.concat([state.content, added])
    : rewrite(state, added, options)
  const sizeBytes = record.close + format.tail.length
  const { etag } = await options.target.put({ ...request, body, sizeBytes })
  return { key: state.key, etag, record, content: holdable(body, record, options) }
}

/** That nobody wrote since. */
export function conditionOf({ key, etag }: FileState): { ifMatch: string } | { ifNoneMatch: '*' } {
  if (etag === '') throw versionMissing(key) // it would be no condition at all
  return etag === undefined ? { ifNoneMatch: '*' } : { ifMatch: etag }
}

/** Whether the file is large enough for an append on the server's side. A smaller one is written anew. */
export function isComposable(
  { etag, record }: FileState,
  { capabilities }: SegmentTarget,
): boolean {
  return (
    etag !== undefined &&
    record.close > 0 &&
    capabilities.compose !== false &&
    record.close >= capabilities.compose.minPartBytes
  )
}

function partsOf({ key, etag, record }: FileState, added: Buffer) {
  return [{ key, range: { start: 0, end: record.close - 1 }, ifMatch: etag }, { body: added }]
}

/** A large file on a store that cannot append streams through, so memory stays bounded. */
async function* rewrite(
  { key, etag, record }: FileState,
  added: Buffer,
  options: WriteOptions,
): AsyncGenerator<Uint8Array> {
  const { target, signal } = options
  const range = { start: 0, end: record.close - 1 }
  const { body } = await target.get({ key, range, ifMatch: etag, signal })
  yield* watched(body, options)
  yield added
}

function holdable(
  body: Buffer | AsyncIterable<Uint8Array>,
  { close }: CommitRecord,
  { heldBytes }: WriteOptions,
): Buffer | undefined {
  return Buffer.isBuffer(body) && close <= heldBytes ? body.subarray(0, close) : undefined
}

function versionMissing(key: string): PermanentError {
  return new PermanentError(
    `The store gave no version (ETag) of ${key}, so it cannot be replaced safely`,
    {
      code: SEGMENTS_CODES.targetUnsafe,
      outcome: 'not_sent',
    },
  )
}
