import type { CallReport } from '../call-report.ts'
import type { HookHostOptions } from '../hook-host-options.ts'

/** What a worker is started with. Only what can be cloned. */
export interface WorkerSettings {
  /** Absolute URL of the module that exports the extension. */
  readonly module: string
  readonly host: Pick<
    HookHostOptions,
    'timeoutMs' | 'graceMs' | 'maxResponseBytes' | 'onlyTagged' | 'json'
  >
}

/** To a worker: one call as raw bytes, or the end of the caller's patience. */
export type WorkerRequest =
  | {
      readonly type: 'call'
      readonly id: number
      readonly body: ArrayBuffer
      readonly timeoutMs: number | undefined
      readonly maxResponseBytes: number | undefined
      readonly traceId: string | undefined
      readonly traceparent: string | undefined
    }
  | { readonly type: 'abort'; readonly id: number }

/** From a worker: it can take calls; a function began, with its own time limit; an answer as raw bytes. */
export type WorkerReply =
  | { readonly type: 'ready' }
  | { readonly type: 'started'; readonly id: number; readonly timeoutMs: number }
  | {
      readonly type: 'answer'
      readonly id: number
      readonly status: 200 | 400 | 422 | 503
      readonly body: ArrayBuffer
      readonly report: CallReport
    }
