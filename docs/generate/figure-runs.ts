import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type PublishedPackage, ROOT } from './published-packages.ts'

/** Something that measures and prints one JSON object. */
export interface FigureRun {
  /** The name of its file, without `.json`. */
  name: string
  /** What it is about: `errors`, `demo`. */
  subject: string
  folder: string
  /** For Node.js. */
  args: string[]
}

/** How long and how often. */
export interface RunSize {
  /** Rounds of a bench. Default: what each bench thinks right. */
  rounds?: string | undefined
  /** A few minutes for all instead of a quarter of an hour. */
  quick: boolean
}

const QUICK_ROUNDS = '3'
const SOURCES = '--conditions=@mortise/source'

/** Everything that can be measured here: the bench of each package, and the soaks. */
export function figureRuns(
  packages: readonly PublishedPackage[],
  { rounds, quick }: RunSize,
): FigureRun[] {
  const chosen = rounds ?? (quick ? QUICK_ROUNDS : undefined)
  const roundsFlag = chosen === undefined ? [] : ['--rounds', chosen]
  const benches = packages
    .filter(({ folder }) => existsSync(join(folder, 'bench/run.ts')))
    .map(({ name, folder }) => ({
      name: `bench-${name}`,
      subject: name,
      folder,
      args: ['bench/run.ts', '--json', ...roundsFlag],
    }))
  return [...benches, ...soakRuns(packages, quick)]
}

function soakRuns(packages: readonly PublishedPackage[], quick: boolean): FigureRun[] {
  const folderOf = (subject: string) =>
    packages.find(({ name }) => name === subject)?.folder ?? join(ROOT, 'apps', subject)
  const soak = (subject: string, variant: string, ...args: string[]): FigureRun => {
    const name = `soak-${subject}-${variant}`
    return { name, subject, folder: folderOf(subject), args: [SOURCES, ...args] }
  }
  const webhooks = ['--webhooks', quick ? '1000' : '5000']
  const events = ['--events', quick ? '200' : '1000', '--reads', quick ? '100' : '500']
  const messages = (transport: string) =>
    soak('messaging-sdk', transport, 'bench/soak.ts', '--transport', transport, ...webhooks)
  const segments = (delivery: string) =>
    soak('segments-uploader', delivery, 'soak/run.ts', '--json', '--delivery', delivery, ...events)
  return [
    messages('sqlite'),
    messages('nats'),
    segments('direct'),
    segments('journal'),
    soak('demo', 'scale', 'src/scale/main.ts', '--json', '--events', quick ? '200' : '1000'),
  ]
}

/**
 * The runs with these names (`bench-errors`) or about these subjects (`errors`); all of them without a name.
 * @throws {TypeError} naming what there is not
 */
export function chooseRuns(runs: readonly FigureRun[], names: readonly string[]): FigureRun[] {
  const isMeant = ({ name, subject }: FigureRun) => names.includes(name) || names.includes(subject)
  const known = new Set(runs.flatMap(({ name, subject }) => [name, subject]))
  const unknown = names.filter((name) => !known.has(name))
  if (unknown.length === 0) return names.length === 0 ? [...runs] : runs.filter(isMeant)
  throw new TypeError(`There is no ${unknown.join(', ')}; there are ${[...known].join(', ')}`)
}
