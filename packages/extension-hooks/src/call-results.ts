import type { Refusal } from './call-queue.ts'
import type { CallReport } from './call-report.ts'
import { type HookError, toHookError } from './hook-error.ts'
import type { HookResult } from './hook-result.ts'
import { recordErrorsOf } from './page-plans.ts'

const RETRY_AFTER_MS = 1_000

/** What a failure looks like on the wire: usually one error, from record mode one a record. */
export function errorsOf(error: unknown): HookError[] {
  return recordErrorsOf(error) ?? [toHookError(error)]
}

/** The call or its function failed. */
export function failed(report: CallReport, errors: readonly HookError[]): HookResult {
  report.status = 422
  report.code = errors[0]?.code ?? 'function_error'
  return { ok: false, status: 422, errors, report }
}

/** The queue did not admit the call. */
export function refused(report: CallReport, refusal: Refusal): HookResult {
  if (refusal === 'aborted')
    return failed(report, [
      { code: 'call_aborted', message: 'The caller went away while the call was waiting.' },
    ])
  return busy(
    report,
    'host_busy',
    refusal === 'full' ? 'Too many calls are waiting.' : 'The call waited too long for its turn.',
  )
}

/** The host cannot take the call now. */
export function busy(report: CallReport, code: string, message: string): HookResult {
  report.status = 503
  report.code = code
  return {
    ok: false,
    status: 503,
    errors: [{ code, message }],
    retryAfterMs: RETRY_AFTER_MS,
    report,
  }
}
