import type { Measure } from '../../../scripts/bench/ratios.ts'

/** Two sides, and how they are compared. */
export interface Pairing extends Pick<Measure, 'ours' | 'theirs'> {
  /** Pairs that make a figure. */
  readonly pairs: number
  /** What a pair says. Default: ours divided by theirs. */
  readonly compare?: (ours: number, theirs: number) => number
}

/**
 * The middle one of many small comparisons, each of two samples taken one right after the other: what else the
 * machine does falls on both, and a moment that hits one of them alone does not count.
 */
export function paired({
  ours,
  theirs,
  pairs,
  compare,
}: Pairing): Pick<Measure, 'ours' | 'theirs'> {
  const figure = async () => {
    const figures: number[] = []
    for (let pair = 0; pair < pairs; pair++) {
      // Who begins alternates: the second one finds the machine warmer.
      const early = pair % 2 === 0 ? await ours() : undefined
      const their = await theirs()
      const our = early ?? (await ours())
      figures.push(compare === undefined ? our / their : compare(our, their))
    }
    return figures.toSorted((a, b) => a - b)[pairs >> 1] as number
  }
  return { ours: figure, theirs: () => 1 }
}
