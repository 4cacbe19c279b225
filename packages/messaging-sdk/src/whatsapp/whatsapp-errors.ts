import { asNumber, asObject, asString } from '../json-value.ts'
import { outcomeOfStatus, retryAfter } from '../platform-request.ts'
import { DEFAULT_PAUSE_MS, refusalTable, refusedOutcome } from '../refused-outcome.ts'
import type { SendOutcome } from '../send-outcome.ts'

/**
 * What each error code of the Cloud API means for a send; every other one is permanent.
 * @see https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes
 */
const CODES = refusalTable<number>({
  throttled: [4, 80007, 130429, 131048, 131056, 131064, 133016],
  retryable: [1, 2, 131000, 131016, 131057],
  auth: [0, 3, 10, 190, 368, 131005, 131031],
  window: [131047],
})

/** Permission errors of the Graph API. */
const isPermissionCode = (code: number) => code >= 200 && code <= 299

/** Too many messages to one recipient, and the pause after that: Meta names none. */
const PAIR_RATE_CODE = 131056
const PAIR_PAUSE_MS = 6_000

/** The outcome of an answer that is no success. */
export function whatsAppFailure(
  answer: { status: number; headers: Headers; body: unknown },
  now: number,
): SendOutcome {
  const error = asObject(asObject(answer.body)?.error)
  const code = asNumber(error?.code)
  if (!error || code === undefined) return outcomeOfStatus(answer, { platform: 'WhatsApp', now })
  const detail = asString(asObject(error.error_data)?.details)
  const text = asString(error.message)
  const isPair = code === PAIR_RATE_CODE
  const pause = isPair ? PAIR_PAUSE_MS : DEFAULT_PAUSE_MS
  return refusedOutcome({
    platform: 'WhatsApp',
    outcome: CODES.get(code) ?? (isPermissionCode(code) ? 'auth' : 'permanent'),
    answer,
    providerCode: String(code),
    reason: detail ? `${text ?? 'no reason given'}: ${detail}` : text,
    requestId: asString(error.fbtrace_id),
    retryAfterMs: retryAfter(answer.headers, now) ?? pause,
    scope: isPair ? 'recipient' : 'channel',
    now,
  })
}
