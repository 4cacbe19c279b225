import type { CallReport } from './call-report.ts'
import type { HookError } from './hook-error.ts'

/** What only the caller of one call can know. */
export interface InvokeOptions {
  /** Ends the call: the function's signal fires. */
  readonly signal?: AbortSignal | undefined
  /** Lowers the limit of the answer for this call, in bytes. A higher value than the host's changes nothing. */
  readonly maxResponseBytes?: number | undefined
  /** Lowers the time limit for this call, in milliseconds. A higher value than the host's changes nothing. */
  readonly timeoutMs?: number | undefined
  /** The request's trace id; wins over the one in the call. */
  readonly traceId?: string | undefined
  /** W3C trace context of the request. */
  readonly traceparent?: string | undefined
}

/** What a call led to. A failure of the function is an answer, not a rejection. */
export type HookResult =
  | {
      readonly ok: true
      readonly status: 200
      readonly value: unknown
      readonly json: string
      readonly report: CallReport
    }
  | {
      readonly ok: false
      /** 422: the call or the function; 400: unreadable bytes; 503: too busy or closing, `retryAfterMs` says when to come back. */
      readonly status: 400 | 422 | 503
      readonly errors: readonly HookError[]
      readonly retryAfterMs?: number
      readonly report: CallReport
    }

/** The same as it goes over a wire. */
export interface HookAnswer {
  readonly status: 200 | 400 | 422 | 503
  /** JSON: the result, or `{ errors }`. */
  readonly body: string | Uint8Array
  readonly retryAfterMs?: number
  readonly report: CallReport
}
