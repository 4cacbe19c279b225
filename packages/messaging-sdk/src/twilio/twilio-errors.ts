import { AuthError, PermanentError, RateLimitError } from '@mortise/errors'
import { asNumber, asObject, asString } from '../json-value.ts'
import { outcomeOfStatus, retryAfter } from '../platform-request.ts'
import type { SendOutcome } from '../send-outcome.ts'

type Failure = 'throttled' | 'auth' | 'window'

/**
 * What each error code means for a send; every other one is permanent.
 * @see https://www.twilio.com/docs/api/errors
 */
const CODES = new Map<number, Failure>([
  ...codes('throttled', 20429, 14107, 21611, 63018),
  ...codes('auth', 20003, 20005, 20006, 20008, 20403, 30002),
  ...codes('window', 63016),
])

/** Twilio names no pause. @see https://www.twilio.com/docs/api/errors/20429 (advises exponential backoff) */
const DEFAULT_PAUSE_MS = 1_000

/** The outcome of an answer that is no success. */
export function twilioFailure(
  answer: { status: number; headers: Headers; body: unknown },
  now: number,
): SendOutcome {
  const { status, headers, body: raw } = answer
  const body = asObject(raw)
  const code = asNumber(body?.code)
  if (!body || code === undefined || status >= 500) {
    return outcomeOfStatus(answer, { platform: 'Twilio', now })
  }
  const message = `Twilio refused (${code}): ${asString(body.message) ?? 'no reason given'}`
  const details = { providerCode: String(code) }
  const options = { status, outcome: 'rejected', details } as const
  const outcome = CODES.get(code) ?? 'permanent'
  switch (outcome) {
    case 'throttled': {
      const retryAfterMs = retryAfter(headers, now) ?? DEFAULT_PAUSE_MS
      return { outcome, error: new RateLimitError(message, { ...options, retryAfterMs }), raw }
    }
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

function codes(kind: Failure, ...numbers: number[]): [number, Failure][] {
  return numbers.map((number) => [number, kind])
}
