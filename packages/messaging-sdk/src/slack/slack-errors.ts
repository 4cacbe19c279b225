import { AuthError, PermanentError, RateLimitError, TransientError } from '@mortise/errors'
import { asObject, asString } from '../json-value.ts'
import { outcomeOfStatus, retryAfter } from '../platform-request.ts'
import type { SendOutcome } from '../send-outcome.ts'

type Failure = 'throttled' | 'retryable' | 'unknown' | 'auth' | 'duplicate'

/**
 * What each `error` of the Web API means for a send; every other one is permanent.
 * @see https://docs.slack.dev/reference/methods/chat.postMessage#errors
 */
const ERRORS = new Map<string, Failure>([
  ...named('throttled', 'ratelimited', 'rate_limited'),
  ...named('retryable', 'service_unavailable', 'team_added_to_org', 'request_timeout'),
  // "It is possible that some aspect of the operation succeeded."
  ...named('unknown', 'internal_error', 'fatal_error'),
  ...named('duplicate', 'already_reacted'),
  ...named('auth', 'not_authed', 'invalid_auth', 'account_inactive', 'access_denied'),
  ...named('auth', 'token_revoked', 'token_expired', 'not_allowed_token_type', 'missing_scope'),
  ...named('auth', 'no_permission', 'org_login_required', 'ekm_access_denied'),
  ...named('auth', 'team_access_not_granted', 'enterprise_is_restricted'),
])

/** Slack names the pause in a header; this is for the day it does not. */
const DEFAULT_PAUSE_MS = 1_000

/** The outcome of an answer that is no success. Slack says no with HTTP 200 and `ok: false`. */
export function slackFailure(
  answer: { status: number; headers: Headers; body: unknown },
  now: number,
): SendOutcome {
  const code = asString(asObject(answer.body)?.error)
  if (code === undefined) return outcomeOfStatus(answer, { platform: 'Slack', now })
  const { status, headers, body: raw } = answer
  const needed = asString(asObject(answer.body)?.needed)
  const message = `Slack refused: ${code}${needed ? ` (needs ${needed})` : ''}`
  const details = { providerCode: code }
  const options = { status, outcome: 'rejected', details } as const
  const outcome = ERRORS.get(code) ?? (status === 429 ? 'throttled' : 'permanent')
  switch (outcome) {
    case 'duplicate':
      return { outcome, raw }
    case 'throttled': {
      const retryAfterMs = retryAfter(headers, now) ?? DEFAULT_PAUSE_MS
      return { outcome, error: new RateLimitError(message, { ...options, retryAfterMs }), raw }
    }
    case 'retryable':
      return { outcome, error: new TransientError(message, options), raw }
    case 'unknown':
      return { outcome, error: new TransientError(message, { ...options, outcome }), raw }
    case 'auth':
      return { outcome, error: new AuthError(message, options), raw }
    case 'permanent': {
      const permanent = { ...options, code: 'MESSAGING_MESSAGE_REFUSED' }
      return { outcome, error: new PermanentError(message, permanent), raw }
    }
  }
}

function named(failure: Failure, ...names: string[]): [string, Failure][] {
  return names.map((name) => [name, failure])
}
