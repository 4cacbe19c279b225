import { type HeaderReader, type HeadersInput, headerReader } from './headers.ts'
import { parseHttpDate } from './http-date.ts'
import { RETRY_HINT_SOURCES, type Wait } from './retry-hint-sources.ts'
import type { RetryHintUnit } from './retry-value.ts'

/** What a provider is known to send, declared so that nothing has to be guessed. */
export type DeclaredRetryHint = {
  /** What the value means. */
  unit: RetryHintUnit
  /** A header with the number of calls left; the hint counts only while it is 0 or absent. */
  remainingHeader?: string | undefined
} & (
  | { /** The header's name, in any case. */ header: string }
  | { /** Dotted path in the parsed JSON body: `parameters.retry_after`. */ bodyPath: string }
)

/** What the caller knows of a provider's hints, and how far to believe them. */
export interface RetryHintOptions {
  /** The provider's own headers or body fields, asked before the standard ones. Default: none. */
  retryHints?: readonly DeclaredRetryHint[] | undefined
  /** The parsed JSON body, for hints with a `bodyPath`. */
  body?: unknown
  /** The clock, in milliseconds since the epoch, used when the response has no valid `Date`. Default `Date.now`. */
  now?: (() => number) | undefined
  /** Longest wait to believe, in milliseconds. Default {@link DEFAULT_MAX_DELAY_MS}. */
  maxDelayMs?: number | undefined
}

/** A wait that the other side asked for. */
export interface RetryHint {
  /** How long to wait, in milliseconds: a whole number from 0 to `maxDelayMs`. */
  delayMs: number
  /** What said so: a header's name in lower case, or the path in the body. */
  source: string
}

/** One day: daily quotas are common, and whoever says more is more likely wrong than right. */
export const DEFAULT_MAX_DELAY_MS = 86_400_000

/**
 * How long the other side asks us to wait, or `undefined` if it does not say. No header makes it throw.
 *
 * Asked in this order, the first answer wins; within a step the longest wait does: declared `retryHints`;
 * `Retry-After` (seconds or HTTP-date) and its millisecond variants; exhausted policies of `RateLimit`; well-known
 * reset headers whose count of remaining calls is 0 or absent. Instants are compared with the response's own `Date`.
 * @throws {TypeError} when `maxDelayMs` is not a finite number from 0.
 * @see https://www.rfc-editor.org/rfc/rfc9110.html#section-10.2.3
 */
export function parseRetryHint(
  headers: HeadersInput | null | undefined,
  options: RetryHintOptions = {},
): RetryHint | undefined {
  return findRetryHint(headerReader(headers), options)
}

export function findRetryHint(
  header: HeaderReader,
  options: RetryHintOptions,
): RetryHint | undefined {
  const { maxDelayMs = DEFAULT_MAX_DELAY_MS } = options
  if (!Number.isFinite(maxDelayMs) || maxDelayMs < 0) {
    throw new TypeError(`"maxDelayMs" must be a number of milliseconds, got ${String(maxDelayMs)}`)
  }
  const question = { header, options, now: () => serverNow(header, options.now ?? Date.now) }
  for (const ask of RETRY_HINT_SOURCES) {
    const longest = ask(question).reduce<Wait | undefined>(longer, undefined)
    if (longest) return { delayMs: clamp(longest.waitMs, maxDelayMs), source: longest.source }
  }
  return undefined
}

function longer(best: Wait | undefined, next: Wait): Wait {
  return best && best.waitMs >= next.waitMs ? best : next
}

/** `Date` plus `Age`: what a cache answers was dated when it was made, not when it was sent. */
function serverNow(header: HeaderReader, now: () => number): number {
  const date = parseHttpDate(header('date')[0] ?? '', now)
  if (date === undefined) return now()
  const ageSeconds = Number.parseInt(header('age')[0] ?? '', 10)
  return ageSeconds > 0 ? date + ageSeconds * 1000 : date
}

function clamp(waitMs: number, maxDelayMs: number): number {
  return Math.floor(Math.min(Math.max(0, Math.ceil(waitMs)), maxDelayMs))
}
