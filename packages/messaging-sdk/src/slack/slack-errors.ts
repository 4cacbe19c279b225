import { asObject, asString } from '../json-value.ts'
import { outcomeOfStatus } from '../platform-request.ts'
import { refusalTable, refusedOutcome } from '../refused-outcome.ts'
import type { SendOutcome } from '../send-outcome.ts'

/**
 * What each `error` of the Web API means for a send; every other one is permanent.
 * @see https://docs.slack.dev/reference/methods/chat.postMessage#errors
 */
const ERRORS = refusalTable<string>({
  throttled: ['ratelimited', 'rate_limited'],
  retryable: ['service_unavailable', 'team_added_to_org', 'request_timeout'],
  // "It is possible that some aspect of the operation succeeded."
  unknown: ['internal_error', 'fatal_error'],
  auth: [
    ...['not_authed', 'invalid_auth', 'account_inactive', 'access_denied'],
    ...['token_revoked', 'token_expired', 'not_allowed_token_type', 'missing_scope'],
    ...['no_permission', 'org_login_required', 'ekm_access_denied'],
    ...['team_access_not_granted', 'enterprise_is_restricted'],
  ],
})

/** The outcome of an answer that is no success. Slack says no with HTTP 200 and `ok: false`. */
export function slackFailure(
  answer: { status: number; headers: Headers; body: unknown },
  now: number,
): SendOutcome {
  const body = asObject(answer.body)
  const code = asString(body?.error)
  if (code === undefined) return outcomeOfStatus(answer, { platform: 'Slack', now })
  if (code === 'already_reacted') return { outcome: 'duplicate', raw: answer.body }
  const needed = asString(body?.needed)
  return refusedOutcome({
    platform: 'Slack',
    outcome: ERRORS.get(code) ?? (answer.status === 429 ? 'throttled' : 'permanent'),
    answer,
    providerCode: code,
    reason: needed ? `needs ${needed}` : 'see the list of errors of the method',
    now,
  })
}
