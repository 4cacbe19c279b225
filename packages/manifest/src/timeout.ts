/** The longest time a timer takes, almost 25 days. With a longer one it would fire at once. */
const MAX_TIMEOUT_MS = 2_147_483_647

/** Whether a timer can wait that long. */
export function isTimeout(ms: unknown): boolean {
  return Number.isInteger(ms) && Number(ms) >= 1 && Number(ms) <= MAX_TIMEOUT_MS
}

/** @throws {TypeError} when a timer cannot wait that long: the caller's mistake. */
export function checkTimeout(option: string, ms: unknown): void {
  if (!isTimeout(ms))
    throw new TypeError(
      `The option "${option}" is a whole number of milliseconds from 1 to ${MAX_TIMEOUT_MS}, but is ${String(ms)}.`,
    )
}
