import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isMet, type Ratio } from '../../scripts/bench/ratios.ts'
import { isRatio } from './is-ratio.ts'
import { ratioChart } from './ratio-chart.ts'
import { type SoakFigures, soakTable } from './soak-table.ts'

/** When and on what something was measured. */
export interface Measured {
  /** `2026-11-22` */
  at: string
  node: string
  cores: number
}

/** What one bench printed. */
export interface BenchFigures {
  package: string
  ratios: Record<string, Ratio>
  measured: Measured | undefined
}

/** Everything that was measured and committed. */
export interface Figures {
  benches: BenchFigures[]
  soaks: SoakFigures[]
}

const BENCH = /^bench-(.+)\.json$/
const SOAK = /^soak-(.+)\.json$/

/**
 * Reads `bench-<package>.json` and `soak-<name>.json`, as `pnpm --filter docs figures` writes them. Other files are
 * left alone.
 * @throws {TypeError} naming the file that is not what its name says
 */
export function readFigures(folder: string): Figures {
  const names = existsSync(folder) ? readdirSync(folder).sort() : []
  const figures: Figures = { benches: [], soaks: [] }
  for (const name of names) {
    const [, bench] = BENCH.exec(name) ?? []
    const [, soak] = SOAK.exec(name) ?? []
    if (bench === undefined && soak === undefined) continue
    const { measured: when, ...report } = readObject(join(folder, name), name)
    const measured = when as Measured | undefined
    if (bench !== undefined)
      figures.benches.push({ package: bench, ratios: ratiosOf(report, name), measured })
    else if (soak !== undefined) figures.soaks.push({ name: soak, report, measured })
  }
  return figures
}

function readObject(path: string, name: string): Record<string, unknown> {
  const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>
  throw new TypeError(`figures/${name} must hold one JSON object`)
}

/** What is no ratio besides is left alone: a bench may tell more than the page shows. */
function ratiosOf({ ratios }: Record<string, unknown>, name: string): Record<string, Ratio> {
  const entries = typeof ratios === 'object' && ratios !== null ? Object.entries(ratios) : []
  const found = entries.filter(([, ratio]) => isRatio(ratio))
  if (found.length > 0) return Object.fromEntries(found) as Record<string, Ratio>
  throw new TypeError(`figures/${name} must hold the ratios that a bench prints with --json`)
}

/** A chart and a table for each bench. */
export function speedTables({ benches }: Figures): string {
  if (benches.length === 0) return 'No figures have been committed yet.\n'
  return benches
    .map(({ package: name, ratios, measured }) => {
      const rows = Object.entries(ratios).map(([measure, ratio]) => {
        const goal = `${ratio.better === 'lower' ? '≤' : '≥'}\u00a0${shown(ratio.goal)}`
        const spread = `${shown(ratio.min)} to ${shown(ratio.max)}`
        const met = isMet(ratio) ? 'met' : '**missed**'
        return [cell(measure), shown(ratio.median), spread, goal, met]
      })
      const head = ['ours / theirs', 'median', 'all rounds', 'goal', '']
      return `## ${name}\n\n${ratioChart(ratios)}\n\n${table(head, rows)}\n\n${whenAndWhere(measured)}`
    })
    .join('\n')
}

/** A table for each soak. */
export function reliabilityTables({ soaks }: Figures): string {
  if (soaks.length === 0) return 'No results have been committed yet.\n'
  return soaks
    .map((soak) => `${soakTable(soak, { table, cell })}\n\n${whenAndWhere(soak.measured)}`)
    .join('\n')
}

function whenAndWhere(measured: Measured | undefined): string {
  if (!measured) return ''
  const { at, node, cores } = measured
  return `Measured on ${at} with Node.js ${node} on ${cores} ${cores === 1 ? 'core' : 'cores'}.\n`
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
