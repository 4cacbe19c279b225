import { asNumber, asObject, asString } from '../json-value.ts'
import { outcomeOfStatus } from '../platform-request.ts'
import { type RefusalKind, refusalTable, refusedOutcome } from '../refused-outcome.ts'
import type { SendOutcome } from '../send-outcome.ts'

/**
 * What each JSON error code means for a send; every other one is permanent.
 * @see https://docs.discord.com/developers/topics/opcodes-and-status-codes#json
 */
const CODES = refusalTable<number>({
  throttled: [20016, 20028, 20029, 40003, 40004, 40062],
  retryable: [130000],
  auth: [40001, 40002, 50014, 50025],
})

/** The outcome of an answer that is no success. */
export function discordFailure(
  answer: { status: number; headers: Headers; body: unknown },
  now: number,
): SendOutcome {
  const { status } = answer
  const body = asObject(answer.body)
  const code = asNumber(body?.code)
  const reason = asString(body?.message)
  const isOurs = reason !== undefined && (status < 500 || code !== undefined)
  if (!body || !isOurs) return outcomeOfStatus(answer, { platform: 'Discord', now })
  const seconds = asNumber(body.retry_after)
  return refusedOutcome({
    platform: 'Discord',
    outcome: kindOf(status, code),
    answer,
    providerCode: String(code || status),
    reason,
    retryAfterMs: seconds === undefined ? undefined : Math.ceil(seconds * 1000),
    // Buckets are per route and chat; only the global one stops everything.
    scope: body.global === true ? 'channel' : 'recipient',
    now,
  })
}

function kindOf(status: number, code: number | undefined): RefusalKind {
  if (status === 429) return 'throttled'
  if (status === 401) return 'auth'
  return CODES.get(code ?? 0) ?? 'permanent'
}
