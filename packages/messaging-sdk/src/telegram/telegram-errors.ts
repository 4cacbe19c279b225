import { AuthError, PermanentError, RateLimitError } from '@mortise/errors'
import { asNumber, asObject, asString } from '../json-value.ts'
import { outcomeOfStatus } from '../platform-request.ts'
import type { SendOutcome } from '../send-outcome.ts'

/**
 * The outcome of an answer that is no success: `error_code` is the HTTP status again, `parameters` tell
 * what to do.
 * @see https://core.telegram.org/bots/api#responseparameters
 */
export function telegramFailure(
  answer: { status: number; headers: Headers; body: unknown },
  now: number,
): SendOutcome {
  const body = asObject(answer.body)
  const status = asNumber(body?.error_code) ?? answer.status
  const description = asString(body?.description)
  if (!body || description === undefined || status >= 500) {
    return outcomeOfStatus({ ...answer, status }, { platform: 'Telegram', now })
  }
  const parameters = asObject(body.parameters)
  const message = `Telegram refused (${status}): ${description}`
  const options = {
    status,
    outcome: 'rejected',
    details: { providerCode: String(status) },
  } as const
  const raw = answer.body
  if (status === 429) {
    const seconds = asNumber(parameters?.retry_after) ?? DEFAULT_PAUSE_SECONDS
    const error = new RateLimitError(message, { ...options, retryAfterMs: seconds * 1000 })
    return { outcome: 'throttled', error, raw }
  }
  // A token that Telegram does not know is a path that it does not know.
  if (status === 401 || status === 404) {
    return { outcome: 'auth', error: new AuthError(message, options), raw }
  }
  const movedTo = asString(parameters?.migrate_to_chat_id)
  const error = new PermanentError(message, {
    ...options,
    code: codeOf(status, movedTo),
    details: { ...options.details, ...(movedTo && { migrateToChatId: movedTo }) },
  })
  return { outcome: 'permanent', error, raw }
}

/** Telegram always names the pause; this is for the day it does not. */
const DEFAULT_PAUSE_SECONDS = 1

/** 403: the bot was blocked, removed, or never spoken to. It is the recipient's decision, not a wrong token. */
function codeOf(status: number, movedTo: string | undefined): string {
  if (movedTo) return 'MESSAGING_RECIPIENT_MOVED'
  return status === 403 ? 'MESSAGING_RECIPIENT_UNREACHABLE' : 'MESSAGING_MESSAGE_REFUSED'
}
