import { type CommitRecord, type Marks, toMetadata } from './commit-record.ts'
import type { FileState } from './file-state.ts'
import type { SegmentTarget } from './segment-target.ts'
import { appendix, TAIL } from './segments-document.ts'

export interface WriteOptions {
  target: SegmentTarget
  entries: readonly Uint8Array[]
  marks: Marks
  /** Hold the content of a file up to this size. */
  heldBytes: number
  /** Only for a single writer on a store without conditions. */
  unconditional: boolean
  signal: AbortSignal
}

const MEDIA_TYPE = 'application/json'

/** Writes the version after `state`, under the condition that `state` still stands. */
export async function writeState(state: FileState, options: WriteOptions): Promise<FileState> {
  const added = appendix(options.entries, state.record.count === 0)
  const record: CommitRecord = {
    lineage: state.record.lineage,
    count: state.record.count + options.entries.length,
    close: state.record.close + added.length - TAIL.length,
    marks: options.marks,
  }
  const request = {
    key: state.key,
    mediaType: MEDIA_TYPE,
    metadata: toMetadata(record),
    signal: options.signal,
    ...(options.unconditional ? {} : conditionOf(state)),
  }
  if (canCompose(state, options.target)) {
    const { etag } = await options.target.compose({ ...request, parts: partsOf(state, added) })
    return { key: state.key, etag, record, content: undefined }
  }
  const body = state.content
    ? Buffer.concat([state.content, added])
    : rewrite(state, added, options)
  const sizeBytes = record.close + TAIL.length
  const { etag } = await options.target.put({ ...request, body, sizeBytes })
  return { key: state.key, etag, record, content: holdable(body, record, options) }
}

function conditionOf({ etag }: FileState): { ifMatch: string } | { ifNoneMatch: '*' } {
  return etag === undefined ? { ifNoneMatch: '*' } : { ifMatch: etag }
}

/** Below the store's smallest part the file is written anew: it is small then. */
function canCompose({ etag, record }: FileState, { capabilities }: SegmentTarget): boolean {
  return (
    etag !== undefined &&
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
  { target, signal }: WriteOptions,
): AsyncGenerator<Uint8Array> {
  const range = { start: 0, end: record.close - 1 }
  const { body } = await target.get({ key, range, ifMatch: etag, signal })
  yield* body
  yield added
}

function holdable(
  body: Buffer | AsyncIterable<Uint8Array>,
  { close }: CommitRecord,
  { heldBytes }: WriteOptions,
): Buffer | undefined {
  return Buffer.isBuffer(body) && close <= heldBytes ? body.subarray(0, close) : undefined
}
