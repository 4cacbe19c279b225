import type { CallReport } from './call-report.ts'
import type { HookCall } from './hook-call.ts'
import type { HookError } from './hook-error.ts'
import { guardLogger, type HookLogger } from './hook-logger.ts'

/** How a host treats its functions. Everything has a default. */
export interface HookHostOptions {
  /** Time limit of a call, in milliseconds. Default 240 000: below the 300 s of common load balancers. */
  timeoutMs?: number | undefined
  /** How long an aborted function may clean up before the answer goes out, in milliseconds. Default 1 000. */
  graceMs?: number | undefined
  /** Largest answer, in bytes of UTF-8. A call can only lower it. Default 5 242 880, the platform's page limit. */
  maxResponseBytes?: number | undefined
  /** Calls that run at once. Default 64. */
  concurrency?: number | undefined
  /** Calls that wait when all places are taken; the next one is refused with 503. Default 256. */
  maxQueued?: number | undefined
  /** How long a call waits before it is refused with 503, in milliseconds. Default 30 000. */
  maxWaitMs?: number | undefined
  /** Calls tagged functions only. Default false: untagged `(options, callback)` functions work, without checks. */
  onlyTagged?: boolean | undefined
  /**
   * What is plain JSON. `strict` (default) refuses `NaN` and `undefined` members with their path;
   * `lossy` lets them through as the original host does.
   */
  json?: 'strict' | 'lossy' | undefined
  /** Gets one object a call: ids, times, sizes and counts, never a record or a token. Default: nobody. */
  logger?: HookLogger | undefined
  /** Gets the same object, for metrics. Called after the answer is ready; what it throws is ignored. */
  onCall?: ((report: CallReport) => void) | undefined
  /** More rules for a call: each error it returns refuses the call with 422. */
  validateCall?: ((call: HookCall) => readonly HookError[]) | undefined
  /** Monotonic clock in milliseconds. Default: that of the process, from an instant that means nothing. */
  now?: (() => number) | undefined
}

/** What only the compat door may say. */
export interface InternalHostOptions extends HookHostOptions {
  /** `maxResponseSize` of a call replaces the host's limit, as on the original host. Default false. */
  callerMayRaiseLimit?: boolean | undefined
}

/** The options with every default filled in. */
export interface HookHostSettings {
  readonly timeoutMs: number
  readonly graceMs: number
  readonly maxResponseBytes: number
  readonly concurrency: number
  readonly maxQueued: number
  readonly maxWaitMs: number
  readonly onlyTagged: boolean
  readonly callerMayRaiseLimit: boolean
  readonly json: 'strict' | 'lossy'
  readonly logger: HookLogger | undefined
  readonly onCall: ((report: CallReport) => void) | undefined
  readonly validateCall: ((call: HookCall) => readonly HookError[]) | undefined
  readonly now: () => number
}

const DEFAULT_TIMEOUT_MS = 240_000
const DEFAULT_GRACE_MS = 1_000
const DEFAULT_MAX_RESPONSE_BYTES = 5 * 1024 * 1024
const DEFAULT_CONCURRENCY = 64
const DEFAULT_MAX_QUEUED = 256
const DEFAULT_MAX_WAIT_MS = 30_000
/** The longest delay a Node.js timer can hold; a longer one would fire at once. */
export const MAX_TIMER_MS = 2 ** 31 - 1

/** Fills in the defaults. @throws {TypeError} when an option cannot work; the message names it */
export function resolveHostOptions(options: InternalHostOptions): HookHostSettings {
  const { json = 'strict', onCall, now = processClock } = options
  if (json !== 'strict' && json !== 'lossy')
    throw new TypeError(`json must be 'strict' or 'lossy'; received ${String(json)}`)
  return {
    timeoutMs: atLeast('timeoutMs', options.timeoutMs ?? DEFAULT_TIMEOUT_MS, 1, MAX_TIMER_MS),
    graceMs: atLeast('graceMs', options.graceMs ?? DEFAULT_GRACE_MS, 0, MAX_TIMER_MS),
    maxResponseBytes: atLeast(
      'maxResponseBytes',
      options.maxResponseBytes ?? DEFAULT_MAX_RESPONSE_BYTES,
      1,
    ),
    concurrency: atLeast('concurrency', options.concurrency ?? DEFAULT_CONCURRENCY, 1),
    maxQueued: atLeast('maxQueued', options.maxQueued ?? DEFAULT_MAX_QUEUED, 0),
    maxWaitMs: atLeast('maxWaitMs', options.maxWaitMs ?? DEFAULT_MAX_WAIT_MS, 1, MAX_TIMER_MS),
    onlyTagged: options.onlyTagged === true,
    callerMayRaiseLimit: options.callerMayRaiseLimit === true,
    json,
    logger: guardLogger(options.logger),
    onCall: onCall && guardListener(onCall),
    validateCall: options.validateCall,
    now,
  }
}

/** Checks a number option. @throws {TypeError} when it is no number in its range */
export function atLeast(
  name: string,
  value: number,
  minimum: number,
  maximum = Number.MAX_SAFE_INTEGER,
): number {
  if (typeof value === 'number' && value >= minimum && value <= maximum) return value
  throw new TypeError(
    `${name} must be a number from ${minimum} to ${maximum}; received ${String(value)}`,
  )
}

// As cheap as `performance.now`, whose first use loads `node:perf_hooks`: that costs a cold start a millisecond.
function processClock(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1e3 + nanoseconds / 1e6
}

function guardListener(listener: (report: CallReport) => void): (report: CallReport) => void {
  return (report) => {
    try {
      listener(report)
    } catch {
      // An answer must not depend on who listens.
    }
  }
}
