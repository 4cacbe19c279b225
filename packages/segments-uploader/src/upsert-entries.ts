import { PermanentError } from '@mortise/errors'
import { type Entry, isId, own } from './profile.ts'
import { scanDocument } from './scan-document.ts'
import { SEGMENTS_CODES } from './segments-errors.ts'
import type { SegmentsFormat } from './segments-format.ts'

/** The whole list of an `upsert` file by id, in the order of the file. */
export type UpsertEntries = ReadonlyMap<string, UpsertEntry>

interface UpsertEntry {
  readonly position: number
  readonly bytes: Uint8Array
}

/** Reads a file into its entries. Of an id that stands there twice the last one counts. */
export async function readEntries(
  body: AsyncIterable<Uint8Array>,
  format: SegmentsFormat,
  { idField, requireHeld }: { idField: string; requireHeld: (sizeBytes: number) => void },
): Promise<UpsertEntries> {
  const entries = new Map<string, UpsertEntry>()
  let sizeBytes = 0
  await scanDocument(body, format, (elements) => {
    for (const { bytes, value } of elements) {
      sizeBytes += bytes.length
      requireHeld(sizeBytes)
      const id = own(value, idField)
      // What has no id stays, and is nobody's.
      put(entries, isId(id) ? JSON.stringify(id) : `without id ${entries.size}`, Buffer.from(bytes))
    }
  })
  return entries
}

/** The list after a batch. */
export function mergeEntries(before: UpsertEntries, batch: readonly Entry[]): UpsertEntries {
  const entries = new Map(before)
  for (const { id, bytes } of batch) put(entries, id, bytes)
  return entries
}

/** @throws {PermanentError} SEGMENTS_FILE_TOO_LARGE */
export function requireHoldable(key: string, sizeBytes: number, maxHeldBytes: number): void {
  if (sizeBytes <= maxHeldBytes) return
  throw new PermanentError(
    `${key} has ${sizeBytes} bytes, and mode 'upsert' holds the whole file: raise maxHeldBytes (${maxHeldBytes}) or use mode 'append'`,
    { code: SEGMENTS_CODES.fileTooLarge, outcome: 'not_sent' },
  )
}

function put(entries: Map<string, UpsertEntry>, id: string, bytes: Uint8Array): void {
  entries.set(id, { position: entries.get(id)?.position ?? entries.size, bytes })
}
