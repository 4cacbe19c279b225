import { errorOfKind, type Finding } from './finding.ts'
import type { IntegrationError } from './integration-error.ts'
import { isObject, read, readString } from './safe-read.ts'
import { MAX_TEXT_LENGTH, type Redact, redacted, truncate } from './safe-text.ts'

/** What the platform reads across its process boundary: an error's name and message, nothing else. */
export interface LegacyError {
  name: 'AuthError' | 'Error' | 'RateLimitError' | 'TransientError'
  /** Text; for a `RateLimitError` the JSON `{"message":…,"remaining":…}` with whole seconds, 0 for unknown. */
  message: string
}

const NAMES = {
  auth: 'AuthError',
  permanent: 'Error',
  rate_limit: 'RateLimitError',
  transient: 'TransientError',
} as const

/** The platform's form of an error. Status, code, details and cause stay behind: that wire has no place for them. */
export function toLegacy(
  error: IntegrationError,
  options: { redact?: Redact | undefined } = {},
): LegacyError {
  const message = redacted(error.message, options.redact)
  const name = NAMES[error.kind]
  if (name !== 'RateLimitError') return { name, message }
  const remaining = Math.ceil((error.retryAfterMs ?? 0) / 1000)
  return { name, message: JSON.stringify({ message, remaining }) }
}

/**
 * Reads the platform's form: `{ name, message }`, the `{ errorType, errorMessage }` of a Lambda function, either of
 * them as JSON text, or an error with such a name. An unknown name is a `PermanentError`. Never throws.
 */
export function fromLegacy(
  value: unknown,
  options: { redact?: Redact | undefined } = {},
): IntegrationError {
  const wire = typeof value === 'string' ? parseObject(value) : value
  const name = readString(wire, 'name') ?? readString(wire, 'errorType') ?? 'Error'
  const told = wire === undefined ? value : (read(wire, 'message') ?? read(wire, 'errorMessage'))
  const message = typeof told === 'string' ? told : 'No message was given'
  const { kind, message: text, ...fields } = readLegacy(name, message)
  return errorOfKind(kind, truncate(redacted(text, options.redact), MAX_TEXT_LENGTH), fields)
}

/** Reads a name and a message; the message of a rate limit may or may not be the JSON it is meant to be. */
export function readLegacy(name: string, message: string): Finding {
  if (name === 'AuthError') return { kind: 'auth', code: 'CREDENTIAL_INVALID', message }
  if (name === 'TransientError') return { kind: 'transient', code: 'UNAVAILABLE', message }
  if (name !== 'RateLimitError') return { kind: 'permanent', code: 'BUG', message }
  const packed = parseObject(message)
  const text = read(packed, 'message')
  return {
    kind: 'rate_limit',
    code: 'RATE_LIMITED',
    message: typeof text === 'string' ? text : message,
    retryAfterMs: remainingMs(read(packed, 'remaining')),
  }
}

/** Whole seconds, rounded up. 0, negative and nonsense mean that nobody knows: the host's own floor applies. */
export function remainingMs(seconds: unknown): number | undefined {
  const value = typeof seconds === 'string' ? Number(seconds) : seconds
  if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0) return undefined
  return Math.ceil(value) * 1000
}

function parseObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
