import { type CommitRecord, toMetadata } from './commit-record.ts'
import {
  absentState,
  type FileState,
  type LoadOptions,
  recordOf,
  type Unreadable,
  watched,
} from './file-state.ts'
import { DocumentError } from './list-scanner.ts'
import { mergeEntries, readEntries, requireHoldable } from './upsert-entries.ts'
import { conditionOf, type WriteOptions } from './write-state.ts'

/**
 * The state of a file with one entry an id: the whole list, because any entry may change. Every version is written
 * whole.
 */
export async function loadUpsertState(
  options: LoadOptions & { idField: string; maxHeldBytes: number },
): Promise<FileState | Unreadable> {
  const { target, key, format, idField, maxHeldBytes, lineage, signal } = options
  const object = await target.stat({ key, signal })
  if (!object) return { ...absentState(options), entries: new Map() }
  const requireHeld = (sizeBytes: number) => requireHoldable(key, sizeBytes, maxHeldBytes)
  requireHeld(object.sizeBytes)
  const { body } = await target.get({ key, ifMatch: object.etag, signal })
  try {
    const entries = await readEntries(watched(body, options), format, { idField, requireHeld })
    const record = recordOf(object, format) ?? {
      lineage: lineage(),
      count: entries.size,
      close: 0,
      marks: new Map(),
      ledger: options.previous?.record.ledger,
    }
    return { key, etag: object.etag, record, content: undefined, entries }
  } catch (error) {
    if (error instanceof DocumentError) return { key, reason: error.message }
    throw error
  }
}

/** Writes the version after `state` with the batch merged in. */
export async function writeUpsertState(
  state: FileState,
  options: WriteOptions & { maxHeldBytes: number },
): Promise<FileState> {
  const { format, target, signal } = options
  const entries = mergeEntries(state.entries ?? new Map(), options.entries)
  const list = [...entries.values()].map(({ bytes }) => bytes)
  const body = Buffer.concat([format.head, format.append(list, true)])
  const unpackedBytes = list.reduce((sum, { length }) => sum + length, 0)
  requireHoldable(state.key, Math.max(body.length, unpackedBytes), options.maxHeldBytes)
  const record: CommitRecord = {
    lineage: state.record.lineage,
    count: entries.size,
    close: body.length - format.tail.length,
    marks: options.marks,
    ledger: options.ledger,
  }
  const { etag } = await target.put({
    key: state.key,
    body,
    mediaType: format.mediaType,
    metadata: toMetadata(record),
    ...(options.unconditional ? {} : conditionOf(state)),
    signal,
  })
  return { key: state.key, etag, record, content: undefined, entries }
}
