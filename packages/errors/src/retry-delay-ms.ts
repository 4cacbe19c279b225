import type { IntegrationError } from './integration-error.ts'

/** How patient to be. */
export interface RetryDelayOptions {
  /** How many tries have failed so far, from 1. */
  attempt: number
  /** Whether repeating does no harm. Without it an `outcome` of `unknown` is not retried. Default `false`. */
  idempotent?: boolean | undefined
  /** Longest wait after the first failure, in milliseconds; it doubles with every further one. Default 500. */
  baseMs?: number | undefined
  /** Upper bound of the doubling, in milliseconds, on top of what the other side asked for. Default 60 000. */
  capMs?: number | undefined
  /** A number from 0 up to 1. Default `Math.random`. */
  random?: (() => number) | undefined
}

/** Half a second is longer than most hiccups and shorter than anybody's patience. */
const DEFAULT_BASE_MS = 500
/** A minute between tries is enough to spare a server that is down. */
const DEFAULT_CAP_MS = 60_000
/** Any base has long passed any cap by then, and 0 times infinity is no number. */
const MAX_DOUBLINGS = 60

/**
 * How long to wait before the next try, in milliseconds, or `undefined` if waiting does not help: a kind that needs
 * a person, or a write that may have happened. Exponential backoff with full jitter, on top of a `retryAfterMs` if
 * there is one, so that nobody comes too early and not everybody at once. Counting tries is yours.
 * @throws {TypeError} when an option is not of its range.
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function retryDelayMs(
  error: IntegrationError,
  options: RetryDelayOptions,
): number | undefined {
  const { attempt, idempotent, random = Math.random } = options
  const { baseMs = DEFAULT_BASE_MS, capMs = DEFAULT_CAP_MS } = options
  check('attempt', attempt, Number.isInteger(attempt) && attempt >= 1, 'a whole number from 1')
  check('baseMs', baseMs, Number.isFinite(baseMs) && baseMs >= 0, 'a number of milliseconds')
  check('capMs', capMs, Number.isFinite(capMs) && capMs >= 0, 'a number of milliseconds')
  if (!error.retryable) return undefined
  if (error.outcome === 'unknown' && !idempotent) return undefined
  const ceiling = Math.min(capMs, baseMs * 2 ** Math.min(attempt - 1, MAX_DOUBLINGS))
  return (error.retryAfterMs ?? 0) + Math.round(random() * ceiling)
}

function check(option: string, value: unknown, valid: boolean, wanted: string): void {
  if (!valid)
    throw new TypeError(`retryDelayMs: "${option}" must be ${wanted}, got ${String(value)}`)
}
