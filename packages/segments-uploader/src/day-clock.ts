import type { DayOf } from './day.ts'

export interface DayClockOptions {
  now: () => number
  dayOf: DayOf
  /** Told when the day differs from what the clock says or said. */
  onBack: (message: string) => void
}

/** A step back of so much is a correction; a longer one means that the clock was wrong before. */
const MAX_CORRECTION_MS = 3_600_000

/**
 * Today by a clock that may jump back. A small correction just after midnight does not reopen the day before, which
 * somebody may be reading already; a clock that was hours ahead is believed again.
 */
export function createDayClock({ now, dayOf, onBack }: DayClockOptions): () => string {
  let latest = Number.NEGATIVE_INFINITY
  let warned = ''
  return () => {
    const instant = now()
    const back = latest - instant
    if (back <= 0 || back > MAX_CORRECTION_MS) {
      if (back > MAX_CORRECTION_MS && Number.isFinite(back) && dayOf(latest) !== dayOf(instant)) {
        onBack(`The clock went back from ${dayOf(latest)} to ${dayOf(instant)}, and is followed`)
      }
      latest = instant
      return dayOf(instant)
    }
    const day = dayOf(latest)
    if (day !== dayOf(instant) && warned !== day) {
      warned = day
      onBack(`The clock went back over midnight; ${day} goes on`)
    }
    return day
  }
}
