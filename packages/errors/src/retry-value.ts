import { parseHttpDate } from './http-date.ts'

/**
 * What a number or text in a vendor's header means. `date` is an HTTP-date or an ISO 8601 instant with a zone;
 * `duration` is `1h2m3.5s` or `120ms`.
 */
export type RetryHintUnit =
  | 'seconds'
  | 'milliseconds'
  | 'minutes'
  | 'epoch-seconds'
  | 'epoch-milliseconds'
  | 'date'
  | 'duration'

/** Above this a plain number cannot be a wait in seconds (31 years): it is an instant since the epoch. */
const FIRST_EPOCH_SECONDS = 1e9
/** Above this it cannot be an instant in seconds (the year 5138): it is one in milliseconds. */
const FIRST_EPOCH_MILLISECONDS = 1e11

const NUMBER = /^[+-]?\d+(?:\.\d*)?$/
const ISO_INSTANT =
  /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:?\d{2})$/i
const DURATION_PART = /(\d+(?:\.\d+)?)(ms|us|µs|ns|d|h|m|s)/y
const DURATION_UNITS_MS: Readonly<Record<string, number>> = {
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  ns: 1e-6,
}

/** The wait in milliseconds, negative if it lies in the past; `undefined` if the text is not of that unit. */
export function readWaitMs(
  text: string,
  unit: RetryHintUnit,
  now: () => number,
): number | undefined {
  if (unit === 'date') return untilDate(text, now)
  if (unit === 'duration') return durationMs(text)
  if (!NUMBER.test(text)) return undefined
  const value = Number(text)
  if (unit === 'seconds') return value * 1000
  if (unit === 'milliseconds') return value
  if (unit === 'minutes') return value * 60_000
  return (unit === 'epoch-seconds' ? value * 1000 : value) - now()
}

/** The same for a header whose unit nobody declared: numbers by their size, dates and durations by their form. */
export function guessWaitMs(text: string, now: () => number): number | undefined {
  if (!NUMBER.test(text)) return untilDate(text, now) ?? durationMs(text)
  const value = Number(text)
  if (value >= FIRST_EPOCH_MILLISECONDS) return value - now()
  return value >= FIRST_EPOCH_SECONDS ? value * 1000 - now() : value * 1000
}

function untilDate(text: string, now: () => number): number | undefined {
  const iso = ISO_INSTANT.exec(text)
  const zone = iso?.[3]?.replace(/^([+-]\d{2})(\d{2})$/, '$1:$2').toUpperCase()
  const at = iso ? Date.parse(`${iso[1]}T${iso[2]}${zone}`) : parseHttpDate(text, now)
  return at === undefined || Number.isNaN(at) ? undefined : at - now()
}

function durationMs(text: string): number | undefined {
  let total = 0
  let end = 0
  DURATION_PART.lastIndex = 0
  for (let part = DURATION_PART.exec(text); part; part = DURATION_PART.exec(text)) {
    total += Number(part[1]) * (DURATION_UNITS_MS[part[2] ?? ''] ?? Number.NaN)
    end = DURATION_PART.lastIndex
  }
  return end > 0 && end === text.length ? total : undefined
}
