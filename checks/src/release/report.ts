import { styleText } from 'node:util'
import type { Trial } from './trial.ts'

/** The trials as a table, one line each, failures below it in full. */
export function formatTrials(trials: readonly Trial[]): string {
  const columns = [...new Set(trials.flatMap(({ steps }) => steps.map(({ name }) => name)))]
  const rows = [['', ...columns], ...trials.map((trial) => cellsOf(trial, columns))]
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => width(row[column]))))
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths?.[0] ?? 0) : cell.padStart(widths?.[column] ?? 0),
      )
      .join('  ')
      .replace(/\bfailed\b/g, (word) => styleText('red', word)),
  )
  return [...lines, ...failures(trials)].join('\n')
}

function cellsOf({ name, steps }: Trial, columns: readonly string[]): string[] {
  const cells = columns.map((column) => {
    const step = steps.find((candidate) => candidate.name === column)
    if (!step) return '-'
    return step.failure === undefined ? seconds(step.ms) : 'failed'
  })
  return [name, ...cells]
}

function failures(trials: readonly Trial[]): string[] {
  return trials.flatMap(({ name, steps }) =>
    steps.flatMap((step) =>
      step.failure === undefined
        ? []
        : [`\n${name}: ${step.name} failed\n${indented(step.failure)}`],
    ),
  )
}

/** `1234` → `1.2 s` */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, '  ')
}

function width(cell: string | undefined): number {
  return cell?.length ?? 0
}
