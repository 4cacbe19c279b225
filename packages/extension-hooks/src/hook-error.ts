import { type ErrorKind, isIntegrationError } from '@mortise/errors'

/** An error as the platform reads it. `code` and `message` are never empty. */
export interface HookError {
  code: string
  message: string
  source?: string
  /** Points into `retryData` of the same page. */
  retryDataKey?: string
  /** Who must act next; present for errors of `@mortise/errors`. */
  kind?: ErrorKind
  /** How long to wait, in milliseconds, when the thrown error said so. */
  retryAfterMs?: number
}

/** Longer messages are cut: an error must not carry a page out through the side door. */
export const MAX_MESSAGE_LENGTH = 8192
const MAX_NAME_LENGTH = 256
const FUNCTION_ERROR = 'function_error'

/** Turns whatever was thrown into an error the platform can read. Never throws; never carries a stack. */
export function toHookError(thrown: unknown): HookError {
  try {
    return describe(thrown)
  } catch {
    return { code: FUNCTION_ERROR, message: 'The function failed with an unreadable error.' }
  }
}

function describe(thrown: unknown): HookError {
  if (typeof thrown === 'string' && thrown !== '')
    return { code: FUNCTION_ERROR, message: cut(thrown) }
  if (typeof thrown !== 'object' || thrown === null) {
    return {
      code: FUNCTION_ERROR,
      message: `The function failed with ${thrown === '' ? 'an empty text' : String(thrown)}.`,
    }
  }
  const { message, code, name, source } = thrown as Record<string, unknown>
  const error: HookError = {
    code: label(code) ?? label(name) ?? FUNCTION_ERROR,
    message:
      typeof message === 'string' && message !== ''
        ? cut(message)
        : 'The function failed without a message.',
  }
  const origin = label(source)
  if (origin !== undefined) error.source = origin
  if (isIntegrationError(thrown)) {
    error.kind = thrown.kind
    if (thrown.retryAfterMs !== undefined) error.retryAfterMs = thrown.retryAfterMs
  }
  return error
}

function label(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value !== '' ? value.slice(0, MAX_NAME_LENGTH) : undefined
}

function cut(message: string): string {
  return message.length > MAX_MESSAGE_LENGTH ? `${message.slice(0, MAX_MESSAGE_LENGTH)}…` : message
}
