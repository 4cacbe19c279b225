import { setTimeout as sleep } from 'node:timers/promises'

const FIRST_DELAY_MS = 20
const MAX_DELAY_MS = 1_000

export interface BackoffOptions {
  /** How many tries failed so far, from 1. */
  attempt: number
  /** What the other side asked for; the wait is never shorter. */
  retryAfterMs?: number | undefined
  random: () => number
  signal: AbortSignal
}

/** Whether the time is over, or will be when the other side wants to be asked again. */
export function isLate(
  deadline: number,
  { retryAfterMs = 0 }: { retryAfterMs?: number | undefined },
): boolean {
  return performance.now() + retryAfterMs >= deadline
}

/** Waits a random time below a bound that doubles with each try, so that writers who collided part. */
export async function backOff(options: BackoffOptions): Promise<void> {
  const bound = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (options.attempt - 1))
  const delayMs = (options.retryAfterMs ?? 0) + options.random() * bound
  await sleep(delayMs, undefined, { signal: options.signal })
}
