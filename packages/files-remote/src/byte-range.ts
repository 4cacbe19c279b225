import { storageError } from './storage-errors.ts'
import type { ByteRange } from './storage-provider.ts'

/** A range with both ends known. */
export interface ResolvedRange {
  readonly start: number
  readonly end: number
}

/**
 * Checks that a range is made of whole numbers in order.
 * @throws {TypeError} when it is not
 */
export function checkRange(range: ByteRange | undefined): void {
  if (range === undefined) return
  const { start, end } = range
  if (!isOffset(start))
    throw new TypeError(`range.start must be a whole number >= 0, got ${start}.`)
  if (end !== undefined && (!isOffset(end) || end < start)) {
    throw new TypeError(`range.end must be a whole number >= range.start (${start}), got ${end}.`)
  }
}

/**
 * Cuts a range to an object's size.
 * @throws {PermanentError} FILES_REMOTE_RANGE_INVALID when it begins at or behind the end
 */
export function resolveRange(range: ByteRange | undefined, sizeBytes: number): ResolvedRange {
  if (range === undefined) return { start: 0, end: sizeBytes - 1 }
  if (range.start >= sizeBytes) {
    throw storageError(
      'FILES_REMOTE_RANGE_INVALID',
      `The range begins at byte ${range.start}, but the object has only ${sizeBytes} bytes.`,
      { status: 416 },
    )
  }
  return { start: range.start, end: Math.min(range.end ?? sizeBytes - 1, sizeBytes - 1) }
}

function isOffset(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
