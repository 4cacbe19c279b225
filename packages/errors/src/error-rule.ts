import type { HeaderReader } from './headers.ts'
import type { ErrorCode, ErrorKind } from './integration-error.ts'
import { readPath } from './safe-read.ts'

/**
 * Tells how one provider's answer is to be read. All given conditions must hold; a rule without conditions
 * holds for every answer. The first rule that holds decides, before every default.
 */
export interface ErrorRule {
  /** A status, several, or a class of them (`'4xx'`). */
  status?: number | readonly number[] | `${1 | 2 | 3 | 4 | 5}xx` | undefined
  /** A header that is present or, with `value`, has exactly this value (letter case ignored). */
  header?: { name: string; value?: string | undefined } | undefined
  /**
   * A value at a dotted path of the JSON body (`error.errors.0.reason`) that is present or, with `value`, equals
   * it or one of several.
   */
  body?: { path: string; value?: JsonScalar | readonly JsonScalar[] | undefined } | undefined
  /** A part of the answer's message, letter case ignored. */
  messageIncludes?: string | undefined
  /** Who must act; `'none'` says that the answer is no error. */
  kind: ErrorKind | 'none'
  /** Default: the code that goes with the status, or the kind's general one. */
  code?: ErrorCode | undefined
}

type JsonScalar = string | number | boolean | null

interface Answer {
  status: number
  header: HeaderReader
  json: unknown
  message: string | undefined
}

/** The first rule whose conditions all hold. */
export function findRule(
  rules: readonly ErrorRule[] | undefined,
  answer: Answer,
): ErrorRule | undefined {
  return rules?.find((rule) => holds(rule, answer))
}

function holds(rule: ErrorRule, { status, header, json, message }: Answer): boolean {
  return (
    statusHolds(rule.status, status) &&
    (rule.header === undefined || headerHolds(rule.header, header)) &&
    (rule.body === undefined || bodyHolds(rule.body, json)) &&
    (rule.messageIncludes === undefined ||
      (message ?? '').toLowerCase().includes(rule.messageIncludes.toLowerCase()))
  )
}

function statusHolds(condition: ErrorRule['status'], status: number): boolean {
  if (condition === undefined) return true
  if (typeof condition === 'number') return condition === status
  if (typeof condition === 'string') return Number(condition[0]) === Math.floor(status / 100)
  return condition.includes(status)
}

function headerHolds(
  { name, value }: NonNullable<ErrorRule['header']>,
  header: HeaderReader,
): boolean {
  const found = header(name.toLowerCase())
  if (value === undefined) return found.length > 0
  return found.some((candidate) => candidate.toLowerCase() === value.toLowerCase())
}

function bodyHolds({ path, value }: NonNullable<ErrorRule['body']>, json: unknown): boolean {
  const found = readPath(json, path)
  if (value === undefined) return found !== undefined
  return Array.isArray(value) ? value.includes(found) : found === value
}
