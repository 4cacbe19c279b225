import { errorOfKind, isErrorKind } from './finding.ts'
import type { IntegrationError, Outcome } from './integration-error.ts'
import { fromLegacy } from './legacy-wire.ts'
import { isJsonObject, toPlainJson } from './plain-json.ts'
import { isObject, read, readArray, readString } from './safe-read.ts'
import { MAX_TEXT_LENGTH, truncate } from './safe-text.ts'
import { MAX_CAUSES } from './serialize.ts'

const OUTCOMES: readonly unknown[] = ['not_sent', 'rejected', 'unknown'] satisfies Outcome[]

/**
 * The error that `serialize` wrote, from the object or from its JSON text: same kind, fields and name, with the causes
 * (if they were included) as plain errors. Also reads the platform's older `{ name, message }`. Never throws: what
 * cannot be read becomes a `PermanentError` with code `PROTOCOL`. Unknown members are ignored.
 */
export function deserialize(value: unknown): IntegrationError {
  const wire = typeof value === 'string' ? parseJson(value) : value
  const kind = read(wire, 'kind')
  if (isErrorKind(kind)) return revive(wire, kind)
  const legacy = readString(wire, 'name') ?? readString(wire, 'errorType')
  if (legacy !== undefined) return fromLegacy(wire)
  return errorOfKind('permanent', 'What arrived is no serialised error', { code: 'PROTOCOL' })
}

function revive(wire: unknown, kind: IntegrationError['kind']): IntegrationError {
  const details = toPlainJson(read(wire, 'details'))
  const outcome = read(wire, 'outcome')
  const causes = readArray(wire, 'causes', MAX_CAUSES) ?? []
  const error = errorOfKind(kind, text(wire, 'message') ?? '', {
    code: text(wire, 'code'),
    status: wholeNumber(read(wire, 'status')),
    requestId: text(wire, 'requestId'),
    outcome: OUTCOMES.includes(outcome) ? (outcome as Outcome) : undefined,
    retryAfterMs: wholeNumber(read(wire, 'retryAfterMs')),
    details: isJsonObject(details) ? details : undefined,
    ...(isObject(causes[0]) && { cause: reviveCauses(causes) }),
  })
  error.name = text(wire, 'name') ?? error.name
  const stack = text(wire, 'stack')
  if (stack !== undefined) error.stack = stack
  return error
}

function reviveCauses(causes: readonly unknown[]): Error | undefined {
  return causes.reduceRight<Error | undefined>((inner, wire) => {
    const error = new Error(text(wire, 'message') ?? '', inner && { cause: inner })
    error.name = text(wire, 'name') ?? error.name
    const code = read(wire, 'code')
    return typeof code === 'string' || typeof code === 'number'
      ? Object.assign(error, { code })
      : error
  }, undefined)
}

function text(wire: unknown, key: string): string | undefined {
  const value = readString(wire, key)
  return value === undefined ? undefined : truncate(value, MAX_TEXT_LENGTH)
}

function wholeNumber(value: unknown): number | undefined {
  return Number.isSafeInteger(value) ? (value as number) : undefined
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}
