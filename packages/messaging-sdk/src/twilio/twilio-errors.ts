import { asNumber, asObject, asString } from '../json-value.ts'
import { outcomeOfStatus } from '../platform-request.ts'
import { refusalTable, refusedOutcome } from '../refused-outcome.ts'
import type { SendOutcome } from '../send-outcome.ts'

/**
 * What each error code means for a send; every other one is permanent.
 * @see https://www.twilio.com/docs/api/errors
 */
const CODES = refusalTable<number>({
  throttled: [20429, 14107, 21611, 63018],
  auth: [20003, 20005, 20006, 20008, 20403, 30002],
  window: [63016],
})

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
    outcome: CODES.get(code) ?? 'permanent',
    answer,
    providerCode: String(code),
    reason: asString(body?.message),
    now,
  })
}
