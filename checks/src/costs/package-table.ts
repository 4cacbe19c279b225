import type { Cost } from './measure-cost.ts'

/** The table stands between these two lines of the README. */
const BEGIN = '<!-- packages -->'
const END = '<!-- /packages -->'
const FIGURES = 3
/** A size that moved by less says nothing: dependencies release, too. */
const SIZE_TOLERANCE = 0.2

interface Row {
  line: number
  name: string
  cells: string[]
}

/** The README with the figures of each package in the last three cells of its row. */
export function withFigures(readme: string, costs: readonly Cost[]): string {
  const lines = readme.split('\n')
  for (const { line, name, cells } of rowsOf(readme)) {
    const cost = costs.find((candidate) => candidate.name === name)
    if (cost) lines[line] = `| ${[...cells.slice(0, -FIGURES), ...figuresOf(cost)].join(' | ')} |`
  }
  return lines.join('\n')
}

/** Packages that the table lacks or has too much, in another order, or without figures. */
export function tableProblems(readme: string, names: readonly string[]): string[] {
  const rows = rowsOf(readme)
  const listed = rows.map(({ name }) => name)
  const unlike = (message: string) => [`README.md: ${message}`]
  const missing = names.filter((name) => !listed.includes(name))
  const unknown = listed.filter(
    (name, index) => !names.includes(name) || listed.indexOf(name) < index,
  )
  const empty = rows.filter(({ cells }) => !FIGURE_CELLS.test(cells.slice(-FIGURES).join('|')))
  return [
    ...missing.flatMap((name) => unlike(`${name} has no row in the package table`)),
    ...unknown.flatMap((name) => unlike(`${name} has a row too many in the package table`)),
    ...empty.flatMap(({ name }) => unlike(`the row of ${name} does not end in its figures`)),
  ]
}

/** Figures that no longer hold: another number of packages, or another size. Times are never judged. */
export function staleFigures(readme: string, costs: readonly Cost[]): string[] {
  return rowsOf(readme).flatMap(({ name, cells }) => {
    const cost = costs.find((candidate) => candidate.name === name)
    const [size = '', packages = ''] = cells.slice(-FIGURES)
    if (!cost) return []
    const isNear = Math.abs(kibOf(size) / cost.installKiB - 1) <= SIZE_TOLERANCE
    if (isNear && Number(packages) === cost.packages) return []
    const [now, count] = figuresOf(cost)
    return [`README.md: ${name} is ${now} in ${count} packages, not ${size} in ${packages}`]
  })
}

const FIGURE_CELLS = /^[\d.]+ [KM]iB\|\d+\|\d+ ms$/

function figuresOf({ installKiB, packages, importMs }: Cost): string[] {
  const size =
    installKiB < 1024 ? `${installKiB.toFixed(0)} KiB` : `${(installKiB / 1024).toFixed(1)} MiB`
  return [size, String(packages), `${Math.max(1, Math.round(importMs))} ms`]
}

function kibOf(size: string): number {
  return Number.parseFloat(size) * (size.endsWith('MiB') ? 1024 : 1)
}

function rowsOf(readme: string): Row[] {
  const lines = readme.split('\n')
  const begin = lines.indexOf(BEGIN)
  const end = lines.indexOf(END)
  if (begin < 0 || end < begin) throw new Error(`README.md has no lines ${BEGIN} and ${END}`)
  return lines.flatMap((text, line) => {
    const name = /^\| \[`(@mortise\/[^`]+)`\]/.exec(text)?.[1]
    if (line < begin || line > end || name === undefined) return []
    return [
      {
        line,
        name,
        cells: text
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      },
    ]
  })
}
