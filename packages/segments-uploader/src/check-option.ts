/** Waits longer than a timer of Node holds would be none at all. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** @throws {TypeError} naming the option, what was received and what to do */
export function atLeast(name: string, value: number, minimum: number): number {
  if (typeof value === 'number' && value >= minimum) return value
  throw new TypeError(`${name}: received ${String(value)}; give a number of at least ${minimum}`)
}

/** A count; `Infinity` is no limit. @throws {TypeError} */
export function wholeNumber(name: string, value: number, minimum: number): number {
  const whole = atLeast(name, value, minimum)
  if (Number.isInteger(whole) || whole === Number.POSITIVE_INFINITY) return whole
  throw new TypeError(`${name}: received ${value}; give a whole number`)
}

/** A time to wait; `Infinity` is as long as a timer can. @throws {TypeError} */
export function waitMs(name: string, value: number, minimum: number): number {
  return Math.min(atLeast(name, value, minimum), MAX_TIMER_MS)
}

/** @throws {TypeError} */
export function nonEmpty(name: string, value: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw new TypeError(`${name}: received ${JSON.stringify(value)}; give a name`)
}

/** @throws {TypeError} */
export function oneOf<Value extends string>(
  name: string,
  value: Value,
  allowed: readonly Value[],
): Value {
  if (allowed.includes(value)) return value
  throw new TypeError(
    `${name}: received ${JSON.stringify(value)}; give one of ${allowed.join(', ')}`,
  )
}

/** @throws {TypeError} */
export function requireType(name: string, value: unknown, type: string): void {
  if (value === undefined || typeof value === type) return
  throw new TypeError(`${name}: received a ${typeof value}; give a ${type}, or leave it out`)
}

/** @throws {TypeError} */
export function requireObject(name: string, value: unknown): void {
  if (typeof value === 'object' && value !== null) return
  throw new TypeError(`${name}: give an object`)
}

/** @throws {TypeError} */
export function requireSignal(signal: AbortSignal | undefined): void {
  if (signal === undefined) return
  if (typeof signal?.aborted === 'boolean' && typeof signal.addEventListener === 'function') return
  throw new TypeError('signal: give an AbortSignal, or leave it out')
}

/** A listener whose failure is its own, and nobody's who reports to it. */
export function contained<Value>(listener: (value: Value) => unknown): (value: Value) => void {
  return (value) => {
    const told = (async () => await listener(value))()
    told.catch(() => {})
  }
}
