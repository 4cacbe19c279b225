import { CallContext } from './call-context.ts'
import type { CallQueue, Refusal } from './call-queue.ts'
import { type CallReport, countRecords, setId, startReport } from './call-report.ts'
import { busy, errorsOf, failed, refused } from './call-results.ts'
import type { ExtensionConfiguration } from './define-extension.ts'
import { encodeResult } from './encode-result.ts'
import type { HookCall } from './hook-call.ts'
import type { HookDefinition } from './hook-definition.ts'
import type { HookError } from './hook-error.ts'
import type { HookHostSettings } from './hook-host-options.ts'
import { checkHookOutput } from './hook-invariants.ts'
import type { HookResult, InvokeOptions } from './hook-result.ts'
import { type PageInput, pagePlans } from './page-plans.ts'
import { prepareCall, type ReadyCall } from './prepare-call.ts'
import { type Patience, runFunction } from './run-function.ts'
import type { NodeCallback, Settlement } from './settle.ts'

const LATE = 'a function settled twice; only the first counts'

/** What the calls of one host share. */
export interface CallState {
  readonly configuration: ExtensionConfiguration
  readonly settings: HookHostSettings
  readonly queue: CallQueue
  abandoned: number
  closing: boolean
  /** Fires when closing takes too long. Made when somebody waits for it: a cold start pays for it otherwise. */
  readonly shutdown: AbortController
  /** Called when the last running call of a closing host ended. */
  readonly whenIdle: (() => void)[]
}

/** What only a pool of workers may ask of a call. */
export interface InternalInvokeOptions extends InvokeOptions {
  /** Called with the time limit right before the function runs. */
  readonly onStart?: (timeoutMs: number) => void
}

/** A call on its way; `since` is when its current stage began. */
interface RunningCall {
  readonly state: CallState
  readonly call: HookCall
  readonly options: InternalInvokeOptions
  readonly ready: ReadyCall
  readonly report: CallReport
  since: number
}

/**
 * One call from its check to its answer: find, admit, run, check, encode. Answers at once when nothing had to be
 * waited for. Never throws, never rejects.
 */
export function runCall(
  state: CallState,
  call: HookCall,
  options: InternalInvokeOptions,
): HookResult | Promise<HookResult> {
  const report = startReport(call)
  let ready: ReadyCall | HookError[]
  try {
    if (options.traceId !== undefined) setId(report, 'traceId', options.traceId)
    if (options.traceparent !== undefined) setId(report, 'traceparent', options.traceparent)
    if (state.closing) return busy(report, 'host_closing', 'The host is shutting down.')
    ready = prepareCall(state, call, report)
  } catch (error) {
    // A member of the call or of the module that throws when it is read.
    return failed(report, errorsOf(error))
  }
  if (Array.isArray(ready)) return failed(report, ready)

  const running: RunningCall = { state, call, options, ready, report, since: 0 }
  const entering = state.queue.enter(options)
  if (entering === undefined) return start(running)
  const queuedAt = state.settings.now()
  const enter = (refusal: Refusal | undefined) => {
    report.queueMs = state.settings.now() - queuedAt
    return refusal === undefined ? start(running) : refused(report, refusal)
  }
  return entering instanceof Promise ? entering.then(enter) : enter(entering)
}

function start(running: RunningCall): HookResult | Promise<HookResult> {
  running.since = running.state.settings.now()
  const settlement = run(running)
  return settlement instanceof Promise
    ? settlement.then((ended) => finish(running, ended))
    : finish(running, settlement)
}

function finish(running: RunningCall, settlement: Settlement): HookResult {
  const { state, report } = running
  state.queue.leave()
  if (state.closing && state.queue.active === 0) {
    for (const wake of state.whenIdle.splice(0)) wake()
  }
  const endedAt = state.settings.now()
  report.runMs = endedAt - running.since
  running.since = endedAt
  return settlement.ok
    ? answer(running, settlement.value)
    : failed(report, errorsOf(settlement.error))
}

function answer(
  { state, call, options, ready, report, since }: RunningCall,
  value: unknown,
): HookResult {
  const { settings } = state
  const { definition } = ready
  const problem = definition && checkOutput(definition, value, ready.options as PageInput, report)
  const checkedAt = settings.now()
  report.checkMs = checkedAt - since
  if (problem !== undefined) {
    return failed(report, [{ code: 'invalid_hook_response', message: problem }])
  }
  const maxBytes = responseLimit(settings, call, options)
  const encoded = encodeResult(value, { maxBytes, json: settings.json })
  report.encodeMs = settings.now() - checkedAt
  if (!encoded.ok) return failed(report, [encoded.error])
  report.bytesOut = encoded.bytes
  return { ok: true, status: 200, value, json: encoded.json, report }
}

function run(running: RunningCall): Settlement | Promise<Settlement> {
  const { state, call, options, report, since } = running
  const { self, target, definition, options: input } = running.ready
  const { settings } = state
  const own = definition?.timeoutMs ?? settings.timeoutMs
  const timeoutMs = lowest(own, options.timeoutMs)
  const context = new CallContext(
    {
      functionName: call.function as string,
      kind: definition?.kind,
      requestId: report.requestId,
      traceId: report.traceId,
      traceparent: report.traceparent,
      lossy: settings.json === 'lossy',
    },
    { deadlineAt: since + timeoutMs, now: settings.now },
  )
  options.onStart?.(timeoutMs)
  const start =
    definition === undefined
      ? (callback: NodeCallback) =>
          (target as (...parameters: unknown[]) => unknown).call(self, input, callback)
      : () => definition.run(self, input as never, context)
  const { logger } = settings
  return runFunction(start, context, {
    parameters: definition === undefined ? target.length : 0,
    onLate: logger && (() => logger.warn({ ...report, event: 'hook-late-settlement' }, LATE)),
    patience: () => patienceOf(running, timeoutMs),
  })
}

function patienceOf({ state, options, report }: RunningCall, timeoutMs: number): Patience {
  const { signal } = options
  const shutdown = state.shutdown.signal
  return {
    timeoutMs,
    graceMs: state.settings.graceMs,
    // The caller makes its signal when it is asked for it.
    signals: signal === undefined ? [shutdown] : [shutdown, signal],
    onOvertime: () => {
      report.overtime = true
    },
    onAbandoned: (until) => {
      state.abandoned++
      const ended = () => {
        state.abandoned--
      }
      until.then(ended, ended)
    },
  }
}

/** A caller can only lower the limit; what is no positive number changes nothing. */
function lowest(own: number, wanted: number | undefined): number {
  return wanted !== undefined && wanted > 0 ? Math.min(own, wanted) : own
}

function checkOutput(
  { kind }: HookDefinition,
  output: unknown,
  input: PageInput,
  report: CallReport,
): string | undefined {
  try {
    const problem = checkHookOutput(kind, output, input)
    if (problem !== undefined || !(kind in pagePlans)) return problem
    const { member } = pagePlans[kind as keyof typeof pagePlans]
    report.records = countRecords(kind, input[member] as unknown[], output)
    return undefined
  } catch {
    return `${kind} returned an object whose members cannot be read`
  }
}

/** The smallest of the host's limit, the call's and the caller's. Nonsense counts as no limit of its own. */
function responseLimit(settings: HookHostSettings, call: HookCall, options: InvokeOptions): number {
  const limits = [call.maxResponseSize, options.maxResponseBytes].filter(
    (limit): limit is number => Number.isSafeInteger(limit) && (limit as number) > 0,
  )
  if (settings.callerMayRaiseLimit && limits[0] !== undefined) return limits[0]
  return Math.min(settings.maxResponseBytes, ...limits)
}
