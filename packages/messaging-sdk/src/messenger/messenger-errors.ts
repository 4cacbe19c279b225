import { AuthError, PermanentError, RateLimitError, TransientError } from '@mortise/errors'
import { asNumber, asObject, asString } from '../json-value.ts'
import { outcomeOfStatus, retryAfter } from '../platform-request.ts'
import type { SendOutcome } from '../send-outcome.ts'

type Failure = 'throttled' | 'retryable' | 'auth' | 'window' | 'permanent'

/**
 * What each error code of the Send API means for a send.
 * @see https://developers.facebook.com/docs/messenger-platform/error-codes
 */
const CODES = new Map<number, Failure>([
  ...codes('throttled', 4, 17, 32, 613, 80006),
  ...codes('retryable', 2, 1200),
  ...codes('auth', 0, 3, 10, 102, 190, 368),
])

/** Permission errors of the Graph API. */
const isPermissionCode = (code: number) => code >= 200 && code <= 299

/** "This message is sent outside of allowed window": the subcodes come with code 10 and with code 200. */
const WINDOW_SUBCODES = new Set([2018278, 2018065, 2534022])

/** "This person isn't available right now", under a permission code: nobody's token is wrong. */
const UNAVAILABLE_SUBCODES = new Set([1545041, 2018108])

/** The pause after a refusal that names none. */
const DEFAULT_PAUSE_MS = 1_000

/** The outcome of an answer that is no success. */
export function messengerFailure(
  answer: { status: number; headers: Headers; body: unknown },
  now: number,
): SendOutcome {
  const { status, headers, body: raw } = answer
  const error = asObject(asObject(raw)?.error)
  const code = asNumber(error?.code)
  if (!error || code === undefined) return outcomeOfStatus(answer, { platform: 'Messenger', now })
  const subcode = asNumber(error.error_subcode)
  const shown = subcode === undefined ? String(code) : `${code}/${subcode}`
  const message = `Messenger refused (${shown}): ${asString(error.message) ?? 'no reason given'}`
  const requestId = asString(error.fbtrace_id)
  const options = {
    status,
    outcome: 'rejected',
    details: { providerCode: shown },
    requestId,
  } as const
  const outcome = failureOf(code, subcode)
  switch (outcome) {
    case 'throttled': {
      const retryAfterMs = retryAfter(headers, now) ?? DEFAULT_PAUSE_MS
      return { outcome, error: new RateLimitError(message, { ...options, retryAfterMs }), raw }
    }
    case 'retryable':
      return { outcome, error: new TransientError(message, options), raw }
    case 'auth':
      return { outcome, error: new AuthError(message, options), raw }
    case 'window':
    case 'permanent': {
      const windowCode = outcome === 'window' && 'MESSAGING_WINDOW_CLOSED'
      const permanent = { ...options, code: windowCode || 'MESSAGING_MESSAGE_REFUSED' }
      return { outcome, error: new PermanentError(message, permanent), raw }
    }
  }
}

function failureOf(code: number, subcode: number | undefined): Failure {
  if (subcode !== undefined && WINDOW_SUBCODES.has(subcode)) return 'window'
  if (subcode !== undefined && UNAVAILABLE_SUBCODES.has(subcode)) return 'permanent'
  return CODES.get(code) ?? (isPermissionCode(code) ? 'auth' : 'permanent')
}

function codes(kind: Failure, ...numbers: number[]): [number, Failure][] {
  return numbers.map((number) => [number, kind])
}
