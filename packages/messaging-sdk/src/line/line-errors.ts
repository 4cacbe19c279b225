import { asArray, asObject, asString } from '../json-value.ts'
import { outcomeOfStatus } from '../platform-request.ts'
import { type RefusalKind, refusalTable, refusedOutcome } from '../refused-outcome.ts'
import type { SendOutcome } from '../send-outcome.ts'

/**
 * What each status means; every other one is permanent.
 * @see https://developers.line.biz/en/reference/messaging-api/#status-codes
 */
const STATUSES = refusalTable<number>({ throttled: [429], auth: [401, 403] })

/** "You have reached your monthly limit.": also 429, and no pause helps. */
const MONTHLY_LIMIT = /monthly limit/i

/** The outcome of an answer that is no success. */
export function lineFailure(
  answer: { status: number; headers: Headers; body: unknown },
  now: number,
): SendOutcome {
  const { status, headers, body: raw } = answer
  const body = asObject(raw)
  const text = asString(body?.message)
  // The retry key was accepted before: the message is there.
  if (status === 409) return { outcome: 'duplicate', ...sentId(body?.sentMessages), raw }
  if (text === undefined || status >= 500) {
    return outcomeOfStatus(answer, { platform: 'LINE', now })
  }
  const detail = asString(asObject(asArray(body?.details)[0])?.message)
  const isUsedUp = status === 429 && MONTHLY_LIMIT.test(text)
  const outcome: RefusalKind = isUsedUp ? 'permanent' : (STATUSES.get(status) ?? 'permanent')
  return refusedOutcome({
    platform: 'LINE',
    outcome,
    answer,
    providerCode: String(status),
    reason: detail ? `${text}: ${detail}` : text,
    requestId: headers.get('x-line-request-id') ?? undefined,
    ...(isUsedUp && { code: 'QUOTA_EXHAUSTED' }),
    now,
  })
}

/** The id in `sentMessages[]`. */
export function sentId(sentMessages: unknown): { messageId?: string } {
  const messageId = asString(asObject(asArray(sentMessages)[0])?.id)
  return messageId ? { messageId } : {}
}
