import type { HeaderReader } from './headers.ts'
import type { RetryHintOptions } from './parse-retry-hint.ts'
import { parseRateLimitItems } from './rate-limit-header.ts'
import { guessWaitMs, readWaitMs } from './retry-value.ts'
import { readPath } from './safe-read.ts'

// Who can tell how long to wait. Each source answers with every wait it finds.

/** What a source needs to know. */
export interface Question {
  header: HeaderReader
  options: RetryHintOptions
  /** The server's idea of now, so that a wrong clock on either side cancels out. */
  now: () => number
}

/** A wait, negative if it lies in the past, and what said so. */
export type Wait = { waitMs: number; source: string }

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

/** The sources in the order in which they are asked; the first that finds something is believed. */
export const RETRY_HINT_SOURCES: readonly ((question: Question) => Wait[])[] = [
  declared,
  retryAfter,
  rateLimit,
  knownWindows,
]

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
