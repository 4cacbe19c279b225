import { type HookError, toHookError } from './hook-error.ts'

/** What `each` decided about one record. Made by {@link keep}, {@link skip} and {@link fail}. */
export type RecordOutcome<T = unknown> = KeptRecord<T> | SkippedRecord | FailedRecord

/** The record goes on, changed or not; `errors` are logged beside it. */
export interface KeptRecord<T = unknown> {
  readonly outcome: 'keep'
  readonly data: T
  readonly errors?: readonly HookError[]
}

/** The record is left out without an error. */
export interface SkippedRecord {
  readonly outcome: 'skip'
}

/** The record fails; its neighbours do not. */
export interface FailedRecord {
  readonly outcome: 'fail'
  readonly errors: readonly HookError[]
}

/** Lets the record go on. `errors` are reported although it goes on. */
export function keep<T>(data: T, options: { errors?: readonly HookError[] } = {}): KeptRecord<T> {
  return options.errors === undefined
    ? { outcome: 'keep', data }
    : { outcome: 'keep', data, errors: options.errors.map(toHookError) }
}

/** Leaves the record out. */
export function skip(): SkippedRecord {
  return { outcome: 'skip' }
}

/**
 * Fails this record only. Takes what you would throw (an `Error`, `{ code, message, source }`, a text)
 * or several of them. Throwing the same from `each` has the same effect.
 */
export function fail(error: unknown): FailedRecord {
  const errors = Array.isArray(error) && error.length > 0 ? error : [error]
  return { outcome: 'fail', errors: errors.map(toHookError) }
}
