const MS_PER_SECOND = 1_000

/** `YYYY-MM-DD` of an instant. */
export type DayOf = (instant: number) => string

/**
 * Makes the function that names the day of an instant in a time zone, right across midnight and across
 * changes of the clock, because the zone's own rules are asked.
 * @throws {TypeError} when `timeZone` is no IANA zone
 */
export function createDayOf(timeZone: string): DayOf {
  const format = dateFormat(timeZone)
  let cachedSecond = Number.NaN
  let cachedDay = ''
  // A day begins on a whole second in every zone, also in times when zones differed by seconds.
  return (instant) => {
    const second = Math.floor(instant / MS_PER_SECOND)
    if (second !== cachedSecond) {
      cachedDay = nameDay(format, instant)
      cachedSecond = second
    }
    return cachedDay
  }
}

/** Whether it is an IANA zone, or an offset, that this machine knows. */
export function isTimeZone(timeZone: string): boolean {
  try {
    dateFormat(timeZone)
    return true
  } catch {
    return false
  }
}

/**
 * The same text, if it names a day of the calendar.
 * @throws {TypeError} when it does not
 */
export function requireDay(day: string): string {
  if (typeof day === 'string' && isDay(day)) return day
  throw new TypeError(`day: received ${String(day)}; give a day as YYYY-MM-DD`)
}

/** Whether the calendar has it. */
export function isDay(text: string): boolean {
  const instant = DAY.test(text) ? Date.parse(text) : Number.NaN
  return Number.isFinite(instant) && new Date(instant).toISOString().startsWith(text)
}

const DAY = /^\d{4}-\d{2}-\d{2}$/

function dateFormat(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US-u-ca-iso8601-nu-latn', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    })
  } catch {
    throw new TypeError(
      `timeZone: ${JSON.stringify(timeZone)} is not a time zone; give an IANA name such as "Europe/Madrid"`,
    )
  }
}

function nameDay(format: Intl.DateTimeFormat, instant: number): string {
  const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, value]))
  return `${parts.get('year')?.padStart(4, '0')}-${parts.get('month')}-${parts.get('day')}`
}
