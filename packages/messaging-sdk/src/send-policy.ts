import { defined } from './defined.ts'
import type { SendPolicy } from './send.ts'
import { timerMs, wholeNumber } from './whole-number.ts'

const DEFAULTS: Required<SendPolicy> = {
  maxAttempts: 3,
  deadlineMs: 60_000,
  timeoutMs: 10_000,
  retryUnknown: false,
  idempotencyTtlMs: 24 * 60 * 60 * 1000,
}

/**
 * Defaults, what the service says, what the call says; the last one counts.
 * @throws {TypeError} naming the option that is wrong.
 */
export function sendPolicy(service: SendPolicy = {}, call: SendPolicy = {}): Required<SendPolicy> {
  const policy = { ...DEFAULTS, ...defined(service), ...defined(call) }
  wholeNumber('maxAttempts', policy.maxAttempts, { least: 1 })
  wholeNumber('idempotencyTtlMs', policy.idempotencyTtlMs, { least: 1 })
  timerMs('deadlineMs', policy.deadlineMs, 0)
  timerMs('timeoutMs', policy.timeoutMs)
  return policy
}
