import { type HeaderReader, type HeadersInput, headerReader } from './headers.ts'
import { parseHttpDate } from './http-date.ts'
import { parseRateLimitItems } from './rate-limit-header.ts'
import { guessWaitMs, type RetryHintUnit, readWaitMs } from './retry-value.ts'
import { readPath } from './safe-read.ts'

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

/** Windows that need no declaration: the header that says when, and the one that says how much is left. */
const KNOWN_WINDOWS: readonly (readonly [reset: string, remaining: string])[] = [
  ['ratelimit-reset', 'ratelimit-remaining'],
  ['x-ratelimit-reset', 'x-ratelimit-remaining'],
  ['x-rate-limit-reset', 'x-rate-limit-remaining'],
  ['x-ratelimit-reset-after', 'x-ratelimit-remaining'],
  ['x-ratelimit-reset-in', 'x-ratelimit-remaining'],
  ['x-ratelimit-reset-requests', 'x-ratelimit-remaining-requests'],
  ['x-ratelimit-reset-tokens', 'x-ratelimit-remaining-tokens'],
  ['anthropic-ratelimit-requests-reset', 'anthropic-ratelimit-requests-remaining'],
  ['anthropic-ratelimit-tokens-reset', 'anthropic-ratelimit-tokens-remaining'],
  ['anthropic-ratelimit-input-tokens-reset', 'anthropic-ratelimit-input-tokens-remaining'],
  ['anthropic-ratelimit-output-tokens-reset', 'anthropic-ratelimit-output-tokens-remaining'],
]

interface Question {
  header: HeaderReader
  options: RetryHintOptions
  /** The server's idea of now, so that a wrong clock on either side cancels out. */
  now: () => number
}

type Wait = { waitMs: number; source: string }

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
  for (const ask of [declared, retryAfter, rateLimit, knownWindows]) {
    const longest = ask(question).reduce<Wait | undefined>(longer, undefined)
    if (longest) return { delayMs: clamp(longest.waitMs, maxDelayMs), source: longest.source }
  }
  return undefined
}

/** Whether the headers say that a limit is used up, even if they do not say until when. */
export function isLimitExhausted(header: HeaderReader): boolean {
  return (
    header('retry-after').length > 0 ||
    exhaustedPolicies(header).length > 0 ||
    KNOWN_WINDOWS.some(([, remaining]) => remainingCalls(header, remaining) === 0)
  )
}

function declared({ header, options, now }: Question): Wait[] {
  return (options.retryHints ?? []).flatMap((hint) => {
    const { unit, remainingHeader } = hint
    if (remainingHeader && (remainingCalls(header, remainingHeader) ?? 0) > 0) return []
    const source = 'header' in hint ? hint.header.toLowerCase() : hint.bodyPath
    const values = 'header' in hint ? header(source) : scalar(readPath(options.body, source))
    return waits(values, source, (text) => readWaitMs(text, unit, now))
  })
}

function retryAfter({ header, now }: Question): Wait[] {
  const milliseconds = ['retry-after-ms', 'x-ms-retry-after-ms'].flatMap((name) =>
    waits(header(name), name, (text) => readWaitMs(text, 'milliseconds', now)),
  )
  if (milliseconds.length > 0) return milliseconds
  return ['retry-after', 'x-retry-after'].flatMap((name) =>
    waits(
      header(name).flatMap(splitNumbers),
      name,
      (text) => readWaitMs(text, 'seconds', now) ?? readWaitMs(text, 'date', now),
    ),
  )
}

function rateLimit({ header }: Question): Wait[] {
  const exhausted = exhaustedPolicies(header)
  if (exhausted.length === 0) return []
  const windows = new Map(
    header('ratelimit-policy')
      .flatMap(parseRateLimitItems)
      .map(({ name, parameters }) => [name, parameters.get('w')]),
  )
  // Without `t` the wait is unknown but never longer than the policy's window.
  return exhausted.flatMap(({ name, parameters }) => {
    const seconds = parameters.get('t') ?? windows.get(name)
    return seconds === undefined ? [] : [{ waitMs: seconds * 1000, source: 'ratelimit' }]
  })
}

function knownWindows({ header, now }: Question): Wait[] {
  return KNOWN_WINDOWS.flatMap(([reset, remaining]) => {
    const values = header(reset)
    if (values.length === 0 || (remainingCalls(header, remaining) ?? 0) > 0) return []
    return waits(values, reset, (text) => guessWaitMs(text, now))
  })
}

function exhaustedPolicies(header: HeaderReader) {
  return header('ratelimit')
    .flatMap(parseRateLimitItems)
    .filter(({ parameters }) => (parameters.get('r') ?? Number.NaN) <= 0)
}

/** A negative count occurs and means the same as 0; what is no number says nothing. */
function remainingCalls(header: HeaderReader, name: string): number | undefined {
  const count = Number.parseFloat(header(name.toLowerCase())[0] ?? '')
  return Number.isNaN(count) ? undefined : Math.max(0, count)
}

function waits(
  values: readonly string[],
  source: string,
  waitOf: (text: string) => number | undefined,
): Wait[] {
  return values.flatMap((text) => {
    const waitMs = waitOf(text)
    return waitMs === undefined || Number.isNaN(waitMs) ? [] : [{ waitMs, source }]
  })
}

/** A repeated header arrives joined (`5, 5`); an HTTP-date has a comma of its own. */
function splitNumbers(text: string): string[] {
  return /^[\d\s,.]+$/.test(text) ? text.split(',').map((part) => part.trim()) : [text]
}

function scalar(value: unknown): string[] {
  return typeof value === 'string' || typeof value === 'number' ? [String(value).trim()] : []
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
