/** The longest pause of a timer; a longer one would end at once. About 25 days. */
export const MAX_TIMER_MS = 2 ** 31 - 1

/** What a number may be. */
export interface NumberBounds {
  least: number
  /** Default: as large as whole numbers are exact. */
  most?: number
}

/** @throws {TypeError} naming the option, unless it is a whole number within its bounds. */
export function wholeNumber(name: string, value: number, bounds: NumberBounds): number {
  const { least, most = Number.MAX_SAFE_INTEGER } = bounds
  if (Number.isInteger(value) && value >= least && value <= most) return value
  const limits = bounds.most === undefined ? `of at least ${least}` : `from ${least} to ${most}`
  throw new TypeError(`${name} must be a whole number ${limits}, but is ${value}`)
}

/** @throws {TypeError} naming the option, unless it is a duration that a timer can wait. */
export function timerMs(name: string, value: number, least = 1): number {
  return wholeNumber(name, value, { least, most: MAX_TIMER_MS })
}
