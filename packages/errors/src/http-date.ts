const MONTHS = /* @__PURE__ */ 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ')

const TIME = '(\\d{2}):(\\d{2}):(\\d{2})'
const ZONE = '(?:GMT|UTC|[+-]0000)'
const IMF_FIXDATE = /* @__PURE__ */ new RegExp(
  `^\\w{3}, (\\d{1,2}) (\\w{3}) (\\d{4}) ${TIME} ${ZONE}$`,
  'i',
)
const RFC_850 = /* @__PURE__ */ new RegExp(
  `^\\w{6,9}, (\\d{1,2})-(\\w{3})-(\\d{2}) ${TIME} ${ZONE}$`,
  'i',
)
const ASCTIME = /* @__PURE__ */ new RegExp(`^\\w{3} (\\w{3}) +(\\d{1,2}) ${TIME} (\\d{4})$`, 'i')

/**
 * The instant of an HTTP-date in milliseconds since the epoch, in any of its three forms, or `undefined`.
 * Written out because `Date.parse` reads the asctime form as local time and accepts much that is no HTTP-date.
 * @see https://www.rfc-editor.org/rfc/rfc9110.html#section-5.6.7
 */
export function parseHttpDate(text: string, now: () => number): number | undefined {
  const imf = IMF_FIXDATE.exec(text)
  if (imf) return instant(imf[3], imf[2], imf[1], imf.slice(4))
  const rfc850 = RFC_850.exec(text)
  if (rfc850)
    return instant(fullYear(Number(rfc850[3]), now()), rfc850[2], rfc850[1], rfc850.slice(4))
  const asctime = ASCTIME.exec(text)
  if (asctime) return instant(asctime[6], asctime[1], asctime[2], asctime.slice(3, 6))
  return undefined
}

/** A two-digit year that seems more than 50 years ahead means the most recent past year with those digits. */
function fullYear(twoDigits: number, now: number): number {
  const thisYear = new Date(now).getUTCFullYear()
  const year = thisYear - (thisYear % 100) + twoDigits
  return year > thisYear + 50 ? year - 100 : year
}

function instant(
  year: string | number | undefined,
  month: string | undefined,
  day: string | undefined,
  time: readonly (string | undefined)[],
): number | undefined {
  const monthIndex = MONTHS.indexOf(month?.toLowerCase() ?? '')
  const [hour = Number.NaN, minute = Number.NaN, second = Number.NaN] = time.map(Number)
  if (monthIndex === -1 || hour > 23 || minute > 59 || second > 60) return undefined
  const ms = Date.UTC(Number(year), monthIndex, Number(day), hour, minute, second)
  // The 31st of a short month must not roll over into the next one.
  return new Date(ms - second * 1000).getUTCDate() === Number(day) ? ms : undefined
}
