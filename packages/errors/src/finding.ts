import { AuthError } from './auth-error.ts'
import type {
  ErrorCode,
  ErrorDetails,
  ErrorKind,
  IntegrationError,
  IntegrationErrorOptions,
  Outcome,
} from './integration-error.ts'
import { PermanentError } from './permanent-error.ts'
import { isJsonObject, toPlainJson } from './plain-json.ts'
import { RateLimitError } from './rate-limit-error.ts'
import { type Redact, safeText } from './safe-text.ts'
import { TransientError } from './transient-error.ts'

/** A row of a classification table. */
export interface Verdict {
  kind: ErrorKind
  code: ErrorCode
  outcome?: Outcome | undefined
}

/** What a classifier found out, before it becomes an error; texts still as the other side wrote them. */
export interface Finding extends Verdict {
  message: string
  status?: number | undefined
  requestId?: string | undefined
  retryAfterMs?: number | undefined
  details?: ErrorDetails | undefined
}

/** Codes and request ids are short everywhere; a longer one is an attempt to fill a log. */
const MAX_ID_LENGTH = 200

const CLASSES = {
  auth: AuthError,
  rate_limit: RateLimitError,
  transient: TransientError,
  permanent: PermanentError,
} as const

/** A new error of the class that belongs to the kind. */
export function errorOfKind(
  kind: ErrorKind,
  message: string,
  options: IntegrationErrorOptions,
): IntegrationError {
  return new CLASSES[kind](message, options)
}

export function isErrorKind(value: unknown): value is ErrorKind {
  return typeof value === 'string' && Object.hasOwn(CLASSES, value)
}

/** Makes the error of a finding, every foreign text cleaned and redacted. */
export function errorFromFinding(
  finding: Finding,
  { redact, ...cause }: { redact?: Redact | undefined; cause?: unknown },
): IntegrationError {
  const { kind, message, requestId, details, ...fields } = finding
  const code = safeText(finding.code, redact, MAX_ID_LENGTH)
  const plain = toPlainJson(details, redact)
  return errorOfKind(kind, safeText(message, redact) || code, {
    ...fields,
    code,
    ...cause,
    requestId: requestId && safeText(requestId, redact, MAX_ID_LENGTH),
    details: isJsonObject(plain) ? plain : undefined,
  })
}

/** A method that asks for nothing to be written leaves no doubt about what was written. */
export function outcomeFor(
  outcome: Outcome | undefined,
  method: string | undefined,
): Outcome | undefined {
  const safe = /^(?:GET|HEAD|OPTIONS|TRACE)$/i.test(method ?? '')
  return safe && outcome === 'unknown' ? undefined : outcome
}
