/** Ours over theirs, over all rounds of a bench. What the benches print with `--json`. */
export interface Ratio {
  median: number
  min: number
  max: number
  goal: number
  better: 'lower' | 'higher'
}

/** Whether a value is what benches print. */
export function isRatio(ratio: Partial<Ratio> | null): ratio is Ratio {
  const numbers = [ratio?.median, ratio?.min, ratio?.max, ratio?.goal]
  return numbers.every(Number.isFinite) && (ratio?.better === 'lower' || ratio?.better === 'higher')
}

/** Whether a goal was reached. */
export function isMet({ better, median, goal }: Ratio): boolean {
  return better === 'lower' ? median <= goal : median >= goal
}
