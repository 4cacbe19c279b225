import { AuthError, PermanentError, RateLimitError } from '@mortise/errors'
import { asArray, asObject, asString } from '../json-value.ts'
import { outcomeOfStatus, retryAfter } from '../platform-request.ts'
import type { SendOutcome } from '../send-outcome.ts'

/** LINE names no pause; its limits are counted over seconds. */
const DEFAULT_PAUSE_MS = 1_000

/** "You have reached your monthly limit.": also 429, and no pause helps. */
const MONTHLY_LIMIT = /monthly limit/i

/**
 * The outcome of an answer that is no success.
 * @see https://developers.line.biz/en/reference/messaging-api/#status-codes
 */
export function lineFailure(
  answer: { status: number; headers: Headers; body: unknown },
  now: number,
): SendOutcome {
  const { status, headers, body: raw } = answer
  const body = asObject(raw)
  const text = asString(body?.message)
  // The retry key was accepted before: the message is there.
  if (status === 409) return { outcome: 'duplicate', ...sentId(body?.sentMessages), raw }
  if (!body || text === undefined || status >= 500) {
    return outcomeOfStatus(answer, { platform: 'LINE', now })
  }
  const detail = asString(asObject(asArray(body.details)[0])?.message)
  const message = `LINE refused (${status}): ${text}${detail ? `: ${detail}` : ''}`
  const details = { providerCode: String(status) }
  const requestId = headers.get('x-line-request-id') ?? undefined
  const options = { status, outcome: 'rejected', details, requestId } as const
  if (status === 429 && MONTHLY_LIMIT.test(text)) {
    const error = new PermanentError(message, { ...options, code: 'QUOTA_EXHAUSTED' })
    return { outcome: 'permanent', error, raw }
  }
  if (status === 429) {
    const retryAfterMs = retryAfter(headers, now) ?? DEFAULT_PAUSE_MS
    const error = new RateLimitError(message, { ...options, retryAfterMs })
    return { outcome: 'throttled', error, raw }
  }
  if (status === 401 || status === 403) {
    return { outcome: 'auth', error: new AuthError(message, options), raw }
  }
  const error = new PermanentError(message, { ...options, code: 'MESSAGING_MESSAGE_REFUSED' })
  return { outcome: 'permanent', error, raw }
}

/** The id in `sentMessages[]`. */
export function sentId(sentMessages: unknown): { messageId?: string } {
  const messageId = asString(asObject(asArray(sentMessages)[0])?.id)
  return messageId ? { messageId } : {}
}
