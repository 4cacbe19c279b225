import type { IntegrationError } from '@mortise/errors'
import { type Limits, MAX_TIMER_MS } from './limits.ts'

export interface RetryOptions {
  limits: Limits
  /** Wait before the attempt that follows attempt `attempt`. */
  backoffMs?: ((attempt: number) => number) | undefined
}

const FIRST_BACKOFF_MS = 250
const MAX_BACKOFF_MS = 15_000

/** Twice as long each time, less up to a half, so that many clients do not come back together. */
function defaultBackoff(attempt: number): number {
  return Math.min(FIRST_BACKOFF_MS * 2 ** (attempt - 1), MAX_BACKOFF_MS) * (1 - Math.random() / 2)
}

const RETRYABLE_STATUS = new Set([408, 429, 500, 502, 503, 504])

/** Errors of the network heal; errors of the disk and of a callback do not. */
const RETRYABLE_CODES = new Set([
  'FILES_LOCAL_CONNECTION_FAILED',
  'FILES_LOCAL_TIMED_OUT',
  'FILES_LOCAL_BODY_INCOMPLETE',
  'FILES_LOCAL_SOURCE_CHANGED',
  'FILES_LOCAL_PROTOCOL_VIOLATED',
  'FILES_LOCAL_BODY_CORRUPT',
  'FILES_LOCAL_DIGEST_MISMATCHED',
])

/**
 * How long to wait before the next attempt; undefined when there must be none.
 *
 * @throws {TypeError} when `backoffMs` answers no duration
 */
export function retryDelay(
  error: IntegrationError,
  attempt: number,
  { limits, backoffMs = defaultBackoff }: RetryOptions,
): number | undefined {
  const heals =
    error.status === undefined
      ? RETRYABLE_CODES.has(error.code)
      : RETRYABLE_STATUS.has(error.status)
  if (!error.retryable || !heals || attempt >= limits.maxAttempts) return undefined
  const asked = error.retryAfterMs ?? 0
  if (asked > limits.maxRetryAfterMs) return undefined
  const own = backoffMs(attempt)
  if (typeof own === 'number' && own >= 0) return Math.min(Math.max(asked, own), MAX_TIMER_MS)
  throw new TypeError(`option backoffMs must answer a number of 0 or more, answered ${String(own)}`)
}
