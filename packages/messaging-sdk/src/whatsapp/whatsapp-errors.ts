import { AuthError, PermanentError, RateLimitError, TransientError } from '@mortise/errors'
import { asNumber, asObject, asString } from '../json-value.ts'
import { outcomeOfStatus, retryAfter } from '../platform-request.ts'
import type { SendOutcome } from '../send-outcome.ts'

type Failure = 'throttled' | 'retryable' | 'auth' | 'window' | 'permanent'

/**
 * What each error code of the Cloud API means for a send.
 * @see https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes
 */
const CODES = new Map<number, Failure>([
  ...codes('throttled', 4, 80007, 130429, 131048, 131056, 131064, 133016),
  ...codes('retryable', 1, 2, 131000, 131016, 131057),
  ...codes('auth', 0, 3, 10, 190, 368, 131005, 131031),
  ...codes('window', 131047),
])

/** Permission errors of the Graph API. */
const isPermissionCode = (code: number) => code >= 200 && code <= 299

/** The pause after a refusal that names none: for one recipient, and for the whole number. */
const PAIR_PAUSE_MS = 6_000
const NUMBER_PAUSE_MS = 1_000
const PAIR_RATE_CODE = 131056

/** The outcome of an answer that is no success. */
export function whatsAppFailure(
  answer: { status: number; headers: Headers; body: unknown },
  now: number,
): SendOutcome {
  const error = asObject(asObject(answer.body)?.error)
  const code = asNumber(error?.code)
  if (!error || code === undefined) return outcomeOfStatus(answer, { platform: 'WhatsApp', now })
  const detail = asString(asObject(error.error_data)?.details)
  const message = `WhatsApp refused (${code}): ${asString(error.message) ?? 'no reason given'}${detail ? `: ${detail}` : ''}`
  const options = {
    status: answer.status,
    outcome: 'rejected',
    details: { providerCode: String(code) },
    ...requestIdOf(error.fbtrace_id),
  } as const
  const kind = CODES.get(code) ?? (isPermissionCode(code) ? 'auth' : 'permanent')
  const raw = answer.body
  switch (kind) {
    case 'throttled': {
      const pause = code === PAIR_RATE_CODE ? PAIR_PAUSE_MS : NUMBER_PAUSE_MS
      const retryAfterMs = retryAfter(answer.headers, now) ?? pause
      return {
        outcome: kind,
        error: new RateLimitError(message, { ...options, retryAfterMs }),
        scope: code === PAIR_RATE_CODE ? 'recipient' : 'channel',
        raw,
      }
    }
    case 'retryable':
      return { outcome: kind, error: new TransientError(message, options), raw }
    case 'auth':
      return { outcome: kind, error: new AuthError(message, options), raw }
    case 'window':
      return {
        outcome: kind,
        error: new PermanentError(message, { ...options, code: 'MESSAGING_WINDOW_CLOSED' }),
        raw,
      }
    case 'permanent':
      return {
        outcome: kind,
        error: new PermanentError(message, { ...options, code: 'MESSAGING_MESSAGE_REFUSED' }),
        raw,
      }
  }
}

function codes(kind: Failure, ...numbers: number[]): [number, Failure][] {
  return numbers.map((number) => [number, kind])
}

function requestIdOf(value: unknown): { requestId?: string } {
  const requestId = asString(value)
  return requestId ? { requestId } : {}
}
