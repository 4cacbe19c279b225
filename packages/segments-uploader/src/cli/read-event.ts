import { own } from '../profile.ts'
import type { UploadOptions } from '../segments-uploader.ts'

/** Which fields of a payload say more of the event. */
export interface EventFields {
  readonly keyField?: string | undefined
  readonly timeField?: string | undefined
}

/** Of smaller numbers it cannot be told whether they are seconds; as milliseconds they end in 1973. */
const MIN_MILLISECONDS = 1e11
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/i

/**
 * What a payload says of its event.
 * @throws {TypeError} when a field that was asked for is not what it should be
 */
export function readEvent(payload: unknown, { keyField, timeField }: EventFields): UploadOptions {
  return {
    ...(keyField !== undefined && { idempotencyKey: keyOf(payload, keyField) }),
    ...(timeField !== undefined && { occurredAt: instantOf(payload, timeField) }),
  }
}

function keyOf(payload: unknown, name: string): string {
  const key = own(payload, name)
  if (typeof key === 'number' && Math.abs(key) > Number.MAX_SAFE_INTEGER) {
    throw new TypeError(
      `its ${name} is a number that JSON readers round to another; give it as a text`,
    )
  }
  if (typeof key === 'number' || (typeof key === 'string' && key !== '' && key.isWellFormed())) {
    return String(key)
  }
  throw new TypeError(`its ${name} is not a text or a number, so it cannot be counted once`)
}

function instantOf(payload: unknown, name: string): Date {
  const value = own(payload, name)
  const text = typeof value === 'string' && INSTANT.test(value)
  const milliseconds = typeof value === 'number' && Math.abs(value) >= MIN_MILLISECONDS
  const instant = new Date(text || milliseconds ? value : Number.NaN)
  if (Number.isFinite(instant.getTime())) return instant
  throw new TypeError(
    `its ${name} is not an instant; give ISO 8601 with a zone, or milliseconds since 1970`,
  )
}
