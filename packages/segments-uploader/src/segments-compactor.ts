import type { Compaction } from './compactor.ts'
import { requireDay } from './day.ts'
import { openCompactor } from './open-day.ts'
import { parseOptions } from './parse-options.ts'
import type { SegmentsUploaderOptions } from './uploader-options.ts'

/** Folds journals into daily files; for a process of its own, and for days that are over. */
export interface SegmentsCompactor {
  /**
   * Folds what waits for a day, `YYYY-MM-DD`. Default: today.
   * @throws {TypeError} when `day` is none
   * @throws {IntegrationError} what the store answered; what was not folded waits on
   */
  readonly compact: (day?: string) => Promise<Compaction>
}

/**
 * Makes a compactor. Its options must name the same files as those of the uploaders.
 * @throws {TypeError} naming the option that is wrong
 */
export function createSegmentsCompactor(options: SegmentsUploaderOptions): SegmentsCompactor {
  const parsed = parseOptions(options)
  return {
    compact: async (day = parsed.dayOf(parsed.now())) => {
      const compactor = openCompactor(parsed.keyOf(requireDay(day)), parsed)
      const done = await compactor.compact()
      await compactor.release()
      return done
    },
  }
}
