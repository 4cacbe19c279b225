import { asNumber, asObject, asString } from '../json-value.ts'
import { outcomeOfStatus } from '../platform-request.ts'
import { type RefusalKind, refusalTable, refusedOutcome } from '../refused-outcome.ts'
import type { SendOutcome } from '../send-outcome.ts'

/**
 * What each error code of the Send API means for a send; every other one is permanent.
 * @see https://developers.facebook.com/docs/messenger-platform/error-codes
 */
const CODES = refusalTable<number>({
  throttled: [4, 17, 32, 613, 80006],
  retryable: [2, 1200],
  auth: [0, 3, 10, 102, 190, 368],
})

/** Permission errors of the Graph API. */
const isPermissionCode = (code: number) => code >= 200 && code <= 299

/**
 * More exact than the code that they come with. Meta's page gives the words; the numbers are what it answers with,
 * as several clients have recorded.
 * @see https://developers.facebook.com/docs/messenger-platform/reference/send-api/error-codes
 * @see https://github.com/Ptt-Alertor/ptt-alertor/issues/75 (1545041)
 */
const SUBCODES = refusalTable<number>({
  // "This message is sent outside of allowed window", under code 10; 2534022 is Instagram's.
  window: [2018278, 2018065, 2534022],
  // "This person isn't available right now", also under a permission code: nobody's token is wrong.
  permanent: [1545041, 2018108],
})

/** The outcome of an answer that is no success. */
export function messengerFailure(
  answer: { status: number; headers: Headers; body: unknown },
  now: number,
): SendOutcome {
  const error = asObject(asObject(answer.body)?.error)
  const code = asNumber(error?.code)
  if (!error || code === undefined) return outcomeOfStatus(answer, { platform: 'Messenger', now })
  const subcode = asNumber(error.error_subcode)
  return refusedOutcome({
    platform: 'Messenger',
    outcome: kindOf(code, subcode),
    answer,
    providerCode: subcode === undefined ? String(code) : `${code}/${subcode}`,
    reason: asString(error.message),
    requestId: asString(error.fbtrace_id),
    now,
  })
}

function kindOf(code: number, subcode: number | undefined): RefusalKind {
  const exact = subcode === undefined ? undefined : SUBCODES.get(subcode)
  return exact ?? CODES.get(code) ?? (isPermissionCode(code) ? 'auth' : 'permanent')
}
