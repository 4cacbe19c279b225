import { backOff, isLate } from './backoff.ts'
import { boundedCall } from './bounded-call.ts'
import { toTargetError } from './segments-errors.ts'

export interface RetryOptions {
  requestTimeoutMs: number
  /** How long it is tried. */
  commitTimeoutMs: number
  random: () => number
  signal: AbortSignal
}

/** Repeats a request that may be repeated, until it is answered, hopeless or too late. */
export async function retry<Result>(
  call: (signal: AbortSignal) => Promise<Result>,
  options: RetryOptions,
): Promise<Result> {
  const { requestTimeoutMs: timeoutMs, commitTimeoutMs, random, signal } = options
  const deadline = performance.now() + commitTimeoutMs
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await boundedCall(call, { timeoutMs, signal })
    } catch (thrown) {
      const error = toTargetError(thrown)
      const last = !error.retryable || signal.aborted || isLate(deadline, error)
      if (last) throw error
      await backOff({ attempt, retryAfterMs: error.retryAfterMs, random, signal }).catch(() => {
        throw error
      })
    }
  }
}
