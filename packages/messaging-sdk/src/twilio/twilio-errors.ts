import { asNumber, asObject, asString } from '../json-value.ts'
import { outcomeOfStatus } from '../platform-request.ts'
import { refusalTable, refusedOutcome } from '../refused-outcome.ts'
import type { SendOutcome } from '../send-outcome.ts'

/**
 * What each error code means for a send; of every other one the HTTP status decides.
 * @see https://www.twilio.com/docs/api/errors
 */
const CODES = refusalTable<number>({
  // 21611: the sender's queue is full; 63017, 63018: more a second than the account or the channel may.
  throttled: [20429, 21611, 63017, 63018],
  // 20005: the account is not active; 20403: it is suspended or closed.
  auth: [20003, 20005, 20403],
  window: [63016],
})

/** Too fast, and wrong credentials, whatever the code. */
const STATUSES = refusalTable<number>({ throttled: [429], auth: [401] })

/** The outcome of an answer that is no success. */
export function twilioFailure(
  answer: { status: number; headers: Headers; body: unknown },
  now: number,
): SendOutcome {
  const body = asObject(answer.body)
  const code = asNumber(body?.code)
  if (code === undefined || answer.status >= 500) {
    return outcomeOfStatus(answer, { platform: 'Twilio', now })
  }
  return refusedOutcome({
    platform: 'Twilio',
    outcome: CODES.get(code) ?? STATUSES.get(answer.status) ?? 'permanent',
    answer,
    providerCode: String(code),
    reason: asString(body?.message),
    now,
  })
}
