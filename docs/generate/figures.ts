import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ratioChart } from './ratio-chart.ts'

/** Ours over theirs, over all rounds of a bench. What the benches print with `--json`. */
export interface Ratio {
  median: number
  min: number
  max: number
  goal: number
  better: 'lower' | 'higher'
}

/** What one bench printed. */
export interface BenchFigures {
  package: string
  ratios: Record<string, Ratio>
}

/** What one soak printed: numbers and texts by name. */
export interface SoakFigures {
  name: string
  report: Record<string, unknown>
}

/** Everything that was measured and committed. */
export interface Figures {
  benches: BenchFigures[]
  soaks: SoakFigures[]
}

const BENCH = /^bench-(.+)\.json$/
const SOAK = /^soak-(.+)\.json$/

/**
 * Reads `bench-<package>.json` (the output of `pnpm --filter @mortise/<package> bench --json`) and
 * `soak-<name>.json` (the report of a soak). Other files are left alone.
 * @throws {TypeError} naming the file that is not what its name says
 */
export function readFigures(folder: string): Figures {
  const names = existsSync(folder) ? readdirSync(folder).sort() : []
  const figures: Figures = { benches: [], soaks: [] }
  for (const name of names) {
    const [, bench] = BENCH.exec(name) ?? []
    const [, soak] = SOAK.exec(name) ?? []
    if (bench === undefined && soak === undefined) continue
    const value = readObject(join(folder, name), name)
    if (bench !== undefined) figures.benches.push({ package: bench, ratios: ratiosOf(value, name) })
    else if (soak !== undefined) figures.soaks.push({ name: soak, report: value })
  }
  return figures
}

function readObject(path: string, name: string): Record<string, unknown> {
  const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>
  throw new TypeError(`figures/${name} must hold one JSON object`)
}

function ratiosOf({ ratios }: Record<string, unknown>, name: string): Record<string, Ratio> {
  const isRatio = (ratio: Partial<Ratio> | null) =>
    [ratio?.median, ratio?.min, ratio?.max, ratio?.goal].every(Number.isFinite) &&
    (ratio?.better === 'lower' || ratio?.better === 'higher')
  if (typeof ratios === 'object' && ratios !== null && Object.values(ratios).every(isRatio))
    return ratios as Record<string, Ratio>
  throw new TypeError(`figures/${name} must hold the ratios that a bench prints with --json`)
}

/** Whether a goal was reached. */
export function isMet({ better, median, goal }: Ratio): boolean {
  return better === 'lower' ? median <= goal : median >= goal
}

/** A chart and a table for each bench. */
export function speedTables({ benches }: Figures): string {
  if (benches.length === 0) return 'No figures have been committed yet.\n'
  return benches
    .map(({ package: name, ratios }) => {
      const rows = Object.entries(ratios).map(([measure, ratio]) => {
        const goal = `${ratio.better === 'lower' ? '≤' : '≥'} ${ratio.goal}`
        const spread = `${shown(ratio.min)} to ${shown(ratio.max)}`
        const met = isMet(ratio) ? 'met' : '**missed**'
        return [cell(measure), shown(ratio.median), spread, goal, met]
      })
      const head = ['ours / theirs', 'median', 'all rounds', 'goal', '']
      return `## ${name}\n\n${ratioChart(ratios)}\n\n${table(head, rows)}\n`
    })
    .join('\n')
}

/** A table for each soak. */
export function reliabilityTables({ soaks }: Figures): string {
  if (soaks.length === 0) return 'No results have been committed yet.\n'
  return soaks
    .map(({ name, report }) => {
      const rows = flat(report).map(([key, value]) => [cell(words(key)), cell(value)])
      return `### ${name}\n\n${table(['', 'result'], rows)}\n`
    })
    .join('\n')
}

/** Members of members as `faults cut after`; a list as its length, for lists hold ids of what went wrong. */
function flat(report: Record<string, unknown>, prefix = ''): [name: string, value: string][] {
  return Object.entries(report).flatMap(([key, value]): [string, string][] => {
    const name = prefix + key
    if (Array.isArray(value)) return [[name, String(value.length)]]
    if (typeof value === 'object' && value !== null)
      return flat(value as Record<string, unknown>, `${name} `)
    return [[name, typeof value === 'number' ? value.toLocaleString('en') : String(value)]]
  })
}

/** `neverAcknowledged` → `never acknowledged`. */
function words(name: string): string {
  return name.replace(/([a-z])([A-Z])/g, (_pair, a: string, b: string) => `${a} ${b.toLowerCase()}`)
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function cell(text: string): string {
  return text.replace(/[|<>{}\\]/g, (sign) => `&#${sign.charCodeAt(0)};`).replace(/\s+/g, ' ')
}

function shown(value: number): string {
  return value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)))
}
