import { AuthError, PermanentError, RateLimitError, TransientError } from '@mortise/errors'
import { asNumber, asObject, asString } from '../json-value.ts'
import { outcomeOfStatus, retryAfter } from '../platform-request.ts'
import type { SendOutcome } from '../send-outcome.ts'

type Failure = 'throttled' | 'retryable' | 'auth'

/**
 * What each JSON error code means for a send; every other one is permanent.
 * @see https://docs.discord.com/developers/topics/opcodes-and-status-codes#json
 */
const CODES = new Map<number, Failure>([
  ...codes('throttled', 20016, 20028, 20029, 31001, 40003, 40004, 40062, 40094),
  ...codes('retryable', 130000, 110000),
  ...codes('auth', 40001, 40002, 50014, 50025),
])

/** Discord names the pause in the body and in headers; this is for the day it does not. */
const DEFAULT_PAUSE_MS = 1_000

/** The outcome of an answer that is no success. */
export function discordFailure(
  answer: { status: number; headers: Headers; body: unknown },
  now: number,
): SendOutcome {
  const { status, headers, body: raw } = answer
  const body = asObject(raw)
  const code = asNumber(body?.code)
  const text = asString(body?.message)
  if (status >= 500 && code === undefined) {
    return outcomeOfStatus(answer, { platform: 'Discord', now })
  }
  if (!body || text === undefined) return outcomeOfStatus(answer, { platform: 'Discord', now })
  const message = `Discord refused (${code || status}): ${text}`
  const details = { providerCode: String(code ?? status) }
  const options = { status, outcome: 'rejected', details } as const
  const outcome = failureOf(status, code)
  switch (outcome) {
    case 'throttled': {
      const seconds = asNumber(body.retry_after)
      const told = seconds === undefined ? retryAfter(headers, now) : Math.ceil(seconds * 1000)
      const retryAfterMs = told ?? DEFAULT_PAUSE_MS
      const error = new RateLimitError(message, { ...options, retryAfterMs })
      // Buckets are per route and chat; only the global one stops everything.
      return { outcome, error, scope: body.global === true ? 'channel' : 'recipient', raw }
    }
    case 'retryable':
      return { outcome, error: new TransientError(message, options), raw }
    case 'auth':
      return { outcome, error: new AuthError(message, options), raw }
    case 'permanent': {
      const permanent = { ...options, code: 'MESSAGING_MESSAGE_REFUSED' }
      return { outcome, error: new PermanentError(message, permanent), raw }
    }
  }
}

function failureOf(status: number, code: number | undefined): Failure | 'permanent' {
  if (status === 429) return 'throttled'
  if (status === 401) return 'auth'
  return CODES.get(code ?? 0) ?? 'permanent'
}

function codes(kind: Failure, ...numbers: number[]): [number, Failure][] {
  return numbers.map((number) => [number, kind])
}
