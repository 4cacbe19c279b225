import type { IntegrationError } from './integration-error.ts'

export interface RetryDelayOptions {
  /** How many tries have failed so far, from 1. */
  attempt: number
  /** Whether repeating does no harm. Without it an `outcome` of `unknown` is not retried. Default `false`. */
  idempotent?: boolean | undefined
  /** Longest wait after the first failure, in milliseconds; it doubles with every further one. Default 500. */
  baseMs?: number | undefined
  /** Upper bound of the doubling, in milliseconds. A wait that the other side asked for may be longer. Default 60 000. */
  capMs?: number | undefined
  /** A number from 0 up to 1. Default `Math.random`. */
  random?: (() => number) | undefined
}

/** Half a second is longer than most hiccups and shorter than anybody's patience. */
const DEFAULT_BASE_MS = 500
/** A minute between tries is enough to spare a server that is down. */
const DEFAULT_CAP_MS = 60_000

/**
 * How long to wait before the next try, in milliseconds, or `undefined` if waiting does not help: a kind that needs
 * a person, or a write that may have happened. Exponential backoff with full jitter; a `retryAfterMs` is a lower
 * bound, with up to `baseMs` of jitter on top so that not everybody comes back at once. Counting tries is yours.
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function retryDelayMs(
  error: IntegrationError,
  options: RetryDelayOptions,
): number | undefined {
  const { attempt, idempotent, random = Math.random } = options
  const { baseMs = DEFAULT_BASE_MS, capMs = DEFAULT_CAP_MS } = options
  if (!Number.isInteger(attempt) || attempt < 1) {
    throw new TypeError(`retryDelayMs: "attempt" must be a whole number from 1, got ${attempt}`)
  }
  if (error.kind !== 'rate_limit' && error.kind !== 'transient') return undefined
  if (error.outcome === 'unknown' && !idempotent) return undefined
  if (error.retryAfterMs !== undefined) return error.retryAfterMs + Math.round(random() * baseMs)
  return Math.round(random() * Math.min(capMs, baseMs * 2 ** (attempt - 1)))
}
