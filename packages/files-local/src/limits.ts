import { inspect } from 'node:util'

/** What a numeric option may be. */
interface Rule {
  /** Its value when it is not given. */
  default: number
  least: number
  most: number
  whole: boolean
  /** What `Infinity` stands for, where it makes sense. */
  endless: number | undefined
}

/** Timers of Node take 31 bits of milliseconds, 24.8 days, and fire at once when given more. */
export const MAX_TIMER_MS = 2 ** 31 - 1

const rules = {
  maxRedirects: count(10, 0),
  maxAttempts: count(4, 1),
  connectTimeoutMs: duration(10_000, 0),
  headersTimeoutMs: duration(30_000, 0),
  idleTimeoutMs: duration(30_000, 0),
  totalTimeoutMs: duration(0, 0),
  maxRetryAfterMs: duration(30_000, MAX_TIMER_MS),
  progressIntervalMs: duration(250, undefined),
  minBytesPerSecond: amount(1024, 0, undefined),
  maxBytes: amount(Number.POSITIVE_INFINITY, 1, Number.POSITIVE_INFINITY),
  maxDecompressionRatio: amount(200, 1, Number.POSITIVE_INFINITY),
  maxConnectionsPerOrigin: { ...count(16, 0), endless: 0 },
  connections: { ...count(1, 1), endless: undefined },
  concurrency: { ...count(16, 1), endless: undefined },
} satisfies Record<string, Rule>

type NumberOption = keyof typeof rules

const names = Object.keys(rules) as NumberOption[]

/** The numbers of the options with their defaults, checked. */
export type Limits = Record<NumberOption, number>

/** Shortest time between two reports of progress. */
export const DEFAULT_PROGRESS_INTERVAL_MS = rules.progressIntervalMs.default

/**
 * Reads the numeric options once.
 *
 * @throws {TypeError} when one is not what it may be
 */
export function readLimits(options: Partial<Record<NumberOption, number | undefined>>): Limits {
  const limits = {} as Limits
  for (const name of names) {
    const value = options[name]
    limits[name] = value === undefined ? rules[name].default : readNumber(name, value)
  }
  return limits
}

function readNumber(name: NumberOption, value: unknown): number {
  const rule: Rule = rules[name]
  if (value === Number.POSITIVE_INFINITY && rule.endless !== undefined) return rule.endless
  const fits =
    typeof value === 'number' &&
    (rule.whole ? Number.isInteger(value) : Number.isFinite(value)) &&
    value >= rule.least &&
    value <= rule.most
  if (fits) return value
  const kind = rule.whole ? 'a whole number' : 'a number'
  const range =
    rule.most === Number.POSITIVE_INFINITY
      ? `of ${rule.least} or more`
      : `from ${rule.least} to ${rule.most}`
  throw new TypeError(
    `option ${name} must be ${kind} ${range}, received ${inspect(value, { depth: 0 })}`,
  )
}

function count(fallback: number, least: number): Rule {
  const endless = Number.POSITIVE_INFINITY
  return { default: fallback, least, most: endless, whole: true, endless }
}

function duration(fallback: number, endless: number | undefined): Rule {
  return { default: fallback, least: 0, most: MAX_TIMER_MS, whole: false, endless }
}

function amount(fallback: number, least: number, endless: number | undefined): Rule {
  return { default: fallback, least, most: Number.POSITIVE_INFINITY, whole: false, endless }
}
