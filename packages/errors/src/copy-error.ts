import { errorOfKind } from './finding.ts'
import type { ErrorKind, IntegrationError, IntegrationErrorOptions } from './integration-error.ts'

/** What is to be different; a member that is there replaces, also with `undefined`. */
export interface ErrorChanges extends IntegrationErrorOptions {
  message?: string
  kind?: ErrorKind
}

/**
 * The same failure once more with some fields changed, as a new error of one of the four classes: fields are
 * read-only, and a layer often knows more than the one below (its own code, whether anything was sent). Keeps the
 * name, and the original's cause rather than the original.
 */
export function copyError(error: IntegrationError, changes: ErrorChanges = {}): IntegrationError {
  const { kind = error.kind, message = error.message, ...options } = changes
  const { code, status, requestId, outcome, retryAfterMs, details } = error
  const copy = errorOfKind(kind, message, {
    code,
    status,
    requestId,
    outcome,
    retryAfterMs,
    details,
    ...('cause' in error && { cause: error.cause }),
    ...options,
  })
  if (kind === error.kind) copy.name = error.name
  return copy
}
