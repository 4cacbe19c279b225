import { deserialize } from './deserialize.ts'
import type { IntegrationError } from './integration-error.ts'
import type { Redact } from './safe-text.ts'
import { serialize } from './serialize.ts'

/** The error itself if `redact` finds nothing in it, else a copy without the secrets whose `cause` is the error. */
export function redactedCopy(
  error: IntegrationError,
  redact: Redact | undefined,
): IntegrationError {
  if (redact === undefined) return error
  const clean = serialize(error, { redact })
  if (JSON.stringify(clean) === JSON.stringify(serialize(error))) return error
  const copy = deserialize(clean)
  Object.defineProperty(copy, 'cause', {
    value: error,
    writable: true,
    configurable: true,
    enumerable: false,
  })
  return copy
}
