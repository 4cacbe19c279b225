import type { Ratio } from '../../scripts/bench/ratios.ts'

/** Whether a value is what benches print with `--json`. */
export function isRatio(ratio: Partial<Ratio> | null): ratio is Ratio {
  const numbers = [ratio?.median, ratio?.min, ratio?.max, ratio?.goal]
  return numbers.every(Number.isFinite) && (ratio?.better === 'lower' || ratio?.better === 'higher')
}
