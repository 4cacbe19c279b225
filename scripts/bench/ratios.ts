import { parseArgs, styleText } from 'node:util'

/** One comparison: what we and the alternative need for the same work, as a number of any unit. */
export interface Measure {
  /** What is compared, e.g. `256 MiB over HTTP, wall time against curl`. */
  name: string
  /** The ratio ours/theirs to reach. */
  goal: number
  /** Whether a lower or a higher ratio is better. */
  better: 'lower' | 'higher'
  /** One sample of ours: milliseconds, bytes, requests a second. */
  ours: () => number | Promise<number>
  /** One sample of the alternative, in the same unit. */
  theirs: () => number | Promise<number>
}

export interface BenchOptions {
  /** The package's name, for the table's head. */
  package: string
  measures: readonly Measure[]
  /** Samples of each side. Default 9; `--rounds N` on the command line wins. */
  rounds?: number
  /** Samples thrown away before. Default 1. */
  warmup?: number
}

/** The ratios of one measure over all rounds. */
export interface Ratio {
  median: number
  min: number
  max: number
  goal: number
  better: 'lower' | 'higher'
}

/** Whether a goal was reached. */
export function isMet({ better, median, goal }: Ratio): boolean {
  return better === 'lower' ? median <= goal : median >= goal
}

const DEFAULT_ROUNDS = 9

/**
 * Runs ours and theirs in turn, changing who begins each round, so that whatever else the machine does
 * falls on both. Prints a table of ours/theirs, or with `--json` one object. `--only WORDS` picks measures.
 */
export async function benchRatios(options: BenchOptions): Promise<Record<string, Ratio>> {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      only: { type: 'string' },
    },
    strict: false,
  })
  const rounds = Number(values.rounds ?? options.rounds ?? DEFAULT_ROUNDS)
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new TypeError(`--rounds must be a whole number of at least 1, but is ${values.rounds}`)
  const chosen = options.measures.filter(
    ({ name }) => !values.only || name.includes(String(values.only)),
  )
  if (chosen.length === 0) {
    const names = options.measures.map(({ name }) => `\n  ${name}`).join('')
    throw new TypeError(`--only ${values.only} names none of these:${names}`)
  }
  const ratios: Record<string, Ratio> = {}
  for (const measure of chosen) {
    ratios[measure.name] = await sample(measure, rounds, options.warmup ?? 1)
    if (!values.json) printRow(measure.name, ratios[measure.name] as Ratio, options.package)
  }
  if (values.json) console.log(JSON.stringify({ ratios }))
  return ratios
}

async function sample(measure: Measure, rounds: number, warmup: number): Promise<Ratio> {
  const ratios: number[] = []
  for (let round = -warmup; round < rounds; round += 1) {
    const first = round % 2 === 0 ? measure.ours : measure.theirs
    const a = await first()
    const b = await (first === measure.ours ? measure.theirs : measure.ours)()
    if (round >= 0) ratios.push(first === measure.ours ? a / b : b / a)
  }
  ratios.sort((a, b) => a - b)
  const at = (share: number) => ratios[Math.floor((ratios.length - 1) * share)] as number
  return { median: at(0.5), min: at(0), max: at(1), goal: measure.goal, better: measure.better }
}

let headPrinted = false

function printRow(name: string, ratio: Ratio, packageName: string): void {
  if (!headPrinted) {
    headPrinted = true
    const head = `${'ours / theirs'.padEnd(64)}${'median'.padStart(9)}${'min'.padStart(9)}${'max'.padStart(9)}   goal`
    console.log(`@mortise/${packageName}\n${head}`)
  }
  const met = isMet(ratio)
  const goal = `${ratio.better === 'lower' ? '≤' : '≥'} ${Number(ratio.goal.toPrecision(3))}`
  const figures = [ratio.median, ratio.min, ratio.max].map(format).join('')
  console.log(
    `${name.padEnd(64)}${figures}   ${styleText(met ? 'green' : 'red', `${goal} ${met ? 'met' : 'missed'}`)}`,
  )
}

function format(value: number): string {
  return (value >= 100 ? value.toFixed(0) : value.toPrecision(3)).padStart(9)
}
