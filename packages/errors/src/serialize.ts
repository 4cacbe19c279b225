import type { ErrorKind, IntegrationError, Outcome } from './integration-error.ts'
import { isJsonObject, type JsonValue, toPlainJson } from './plain-json.ts'
import { asText, isObject, read, readString } from './safe-read.ts'
import { MAX_TEXT_LENGTH, maskCredentials, type Redact, redacted, truncate } from './safe-text.ts'

/** The wire form, version 1: an allow-list, so that nothing foreign slips into a log or another process. */
export interface SerializedError {
  /** The version of this form. Readers ignore members they do not know. */
  v: 1
  name: string
  kind: ErrorKind
  code: string
  message: string
  status?: number
  requestId?: string
  outcome?: Outcome
  retryAfterMs?: number
  details?: { readonly [key: string]: JsonValue }
  /** The chain of causes, nearest first, only with `includeCauses`. */
  causes?: SerializedCause[]
  /** Only with `includeStack`. */
  stack?: string
}

/** One cause: who threw it and what it said, nothing of what it carried. */
export interface SerializedCause {
  name: string
  message: string
  code?: string | number
}

/** What to add to the allow-list, and what to take out of it. */
export interface SerializeOptions {
  /** Replaces secrets in every text and number that leaves. Default: none are known. */
  redact?: Redact | undefined
  /** Adds the stack trace, for logs of your own. Default `false`. */
  includeStack?: boolean | undefined
  /** Adds names, messages and codes of up to five causes, with credentials in URLs masked. Default `false`. */
  includeCauses?: boolean | undefined
}

/** As deep as `fromUnknown` looks. */
export const MAX_CAUSES = 5

/** The allow-listed form of an error for logs and other processes. Never throws; read it with `deserialize`. */
export function serialize(
  error: IntegrationError,
  options: SerializeOptions = {},
): SerializedError {
  const text = (value: unknown) =>
    truncate(redacted(asText(value), options.redact), MAX_TEXT_LENGTH)
  // Whoever catches an error can change it, and logging it must work all the same.
  const field = <K extends keyof IntegrationError>(key: K) =>
    read(error, key) as IntegrationError[K]
  const [status, requestId, outcome, retryAfterMs] = [
    field('status'),
    field('requestId'),
    field('outcome'),
    field('retryAfterMs'),
  ]
  const details = toPlainJson(field('details'), options.redact)
  return {
    v: 1,
    name: text(field('name')),
    kind: field('kind'),
    code: text(field('code')),
    message: text(field('message')),
    ...(typeof status === 'number' && { status }),
    ...(requestId !== undefined && { requestId: text(requestId) }),
    ...(typeof outcome === 'string' && { outcome }),
    ...(typeof retryAfterMs === 'number' && { retryAfterMs }),
    ...(isJsonObject(details) && { details }),
    ...(options.includeCauses && { causes: causesOf(error).map((cause) => toCause(cause, text)) }),
    ...(options.includeStack && { stack: text(maskCredentials(asText(field('stack') ?? ''))) }),
  }
}

/** The chain behind an error, nearest first, cut where it turns in a circle. */
export function causesOf(error: object): unknown[] {
  const chain: unknown[] = []
  const seen = new Set<unknown>([error])
  let cause = read(error, 'cause')
  while (cause !== undefined && cause !== null && !seen.has(cause) && chain.length < MAX_CAUSES) {
    seen.add(cause)
    chain.push(cause)
    cause = read(cause, 'cause')
  }
  return chain
}

function toCause(cause: unknown, text: (value: string) => string): SerializedCause {
  if (!isObject(cause)) return { name: typeof cause, message: text(maskCredentials(String(cause))) }
  const code = read(cause, 'code')
  return {
    name: text(readString(cause, 'name') ?? 'Object'),
    message: text(maskCredentials(readString(cause, 'message') ?? '')),
    ...(typeof code === 'string' && { code: text(code) }),
    ...(typeof code === 'number' && text(String(code)) === String(code) && { code }),
  }
}
