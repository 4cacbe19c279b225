import { describe, expect, it } from 'vitest'
import { createDayOf } from '../src/day.ts'
import { createDayClock } from '../src/day-clock.ts'
import { createSegmentsCompactor, inspectDay } from '../src/index.ts'
import { createMemorySegmentTarget } from '../src/memory/index.ts'

const at = (text: string) => Date.parse(text)

describe('the day of an instant', () => {
  it.each([
    ['UTC', '2026-11-21T23:59:59.999Z', '2026-11-21'],
    ['UTC', '2026-11-22T00:00:00.000Z', '2026-11-22'],
    ['Europe/Madrid', '2026-11-21T22:59:59.999Z', '2026-11-21'],
    ['Europe/Madrid', '2026-11-21T23:00:00.000Z', '2026-11-22'],
    // The night in which clocks go back has 25 hours, the one in which they go forward 23.
    ['Europe/Madrid', '2026-10-24T22:00:00.000Z', '2026-10-25'],
    ['Europe/Madrid', '2026-10-25T22:59:59.999Z', '2026-10-25'],
    ['Europe/Madrid', '2026-10-25T23:00:00.000Z', '2026-10-26'],
    ['Europe/Madrid', '2026-03-28T23:00:00.000Z', '2026-03-29'],
    ['Europe/Madrid', '2026-03-29T21:59:59.999Z', '2026-03-29'],
    ['Europe/Madrid', '2026-03-29T22:00:00.000Z', '2026-03-30'],
    // In Santiago midnight itself is skipped.
    ['America/Santiago', '2026-09-06T03:59:59.999Z', '2026-09-05'],
    ['America/Santiago', '2026-09-06T04:00:00.000Z', '2026-09-06'],
    ['Asia/Kathmandu', '2026-11-21T18:15:00.000Z', '2026-11-22'],
    ['Pacific/Kiritimati', '2026-11-21T10:00:00.000Z', '2026-11-22'],
    ['America/New_York', '0999-12-31T12:00:00.000Z', '0999-12-31'],
  ])('in %s at %s is %s', (zone, instant, day) => {
    expect(createDayOf(zone)(at(instant))).toBe(day)
  })

  it('agrees with itself minute by minute through a year', () => {
    const dayOf = createDayOf('Europe/Madrid')
    let before = dayOf(at('2026-01-01T00:00:00Z'))
    for (let minute = 0; minute < 366 * 1_440; minute += 7) {
      const now = dayOf(at('2026-01-01T00:00:00Z') + minute * 60_000)
      expect(now >= before).toBe(true)
      before = now
    }
  })

  it('refuses what is no time zone', () => {
    expect(() => createDayOf('Mars/Olympus')).toThrow(
      new TypeError(
        'timeZone: "Mars/Olympus" is not a time zone; give an IANA name such as "Europe/Madrid"',
      ),
    )
  })
})

describe('today by a clock that jumps', () => {
  const play = (instants: string[]) => {
    const warnings: string[] = []
    const times = instants.map(at)
    const today = createDayClock({
      now: () => times.shift() ?? 0,
      dayOf: createDayOf('UTC'),
      onBack: (message) => warnings.push(message),
    })
    return { days: instants.map(() => today()), warnings }
  }

  it('stays in the day that has begun when the clock is corrected over midnight', () => {
    const { days, warnings } = play([
      '2026-11-21T23:59:59Z',
      '2026-11-22T00:00:01Z',
      '2026-11-21T23:59:58Z',
      '2026-11-21T23:59:59Z',
      '2026-11-22T00:00:02Z',
    ])
    expect(days).toEqual(['2026-11-21', '2026-11-22', '2026-11-22', '2026-11-22', '2026-11-22'])
    expect(warnings).toEqual(['The clock went back over midnight; 2026-11-22 goes on'])
  })

  it('follows a clock that had been hours ahead', () => {
    const { days, warnings } = play(['2027-06-01T00:00:00Z', '2026-11-22T10:00:00Z'])
    expect(days).toEqual(['2027-06-01', '2026-11-22'])
    expect(warnings).toEqual(['The clock went back from 2027-06-01 to 2026-11-22, and is followed'])
  })
})

describe('a day by its name', () => {
  it.each(['2026-02-30', '2026-13-01', '26-1-1', '', '../x', new Date()])(
    'is refused when the calendar has none like it: %s',
    async (day) => {
      const target = createMemorySegmentTarget()
      const wrong = day as string
      await expect(inspectDay({ target }, wrong)).rejects.toThrow(/^day: received/)
      const folded = createSegmentsCompactor({ target }).compact(wrong)
      await expect(folded).rejects.toThrow(/^day: received/)
    },
  )
})
