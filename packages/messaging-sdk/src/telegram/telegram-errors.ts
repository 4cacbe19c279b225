import { asNumber, asObject, asString } from '../json-value.ts'
import { outcomeOfStatus } from '../platform-request.ts'
import { type RefusalKind, refusalTable, refusedOutcome } from '../refused-outcome.ts'
import type { SendOutcome } from '../send-outcome.ts'

/** What each status means; every other one is permanent. A token that Telegram does not know is a path that it does not know. */
const STATUSES = refusalTable<number>({ throttled: [429], auth: [401, 404] })

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
  const reason = asString(body?.description)
  if (reason === undefined || status >= 500) {
    return outcomeOfStatus({ ...answer, status }, { platform: 'Telegram', now })
  }
  const parameters = asObject(body?.parameters)
  const seconds = asNumber(parameters?.retry_after)
  const movedTo = asString(parameters?.migrate_to_chat_id)
  const outcome: RefusalKind = STATUSES.get(status) ?? 'permanent'
  return refusedOutcome({
    platform: 'Telegram',
    outcome,
    answer: { ...answer, status },
    providerCode: String(status),
    reason,
    retryAfterMs: seconds === undefined ? undefined : seconds * 1000,
    ...codeOf(status, movedTo),
    ...(movedTo && { details: { migrateToChatId: movedTo } }),
    now,
  })
}

/** 403: the bot was blocked, removed, or never spoken to. It is the recipient's decision, not a wrong token. */
function codeOf(status: number, movedTo: string | undefined): { code?: string } {
  if (movedTo) return { code: 'MESSAGING_RECIPIENT_MOVED' }
  return status === 403 ? { code: 'MESSAGING_RECIPIENT_UNREACHABLE' } : {}
}
