import { styleText } from 'node:util'
import type { Budget } from './budgets.ts'
import type { Cost } from './measure-cost.ts'

const HEAD = ['package', 'tarball', 'installed', 'budget', 'packages', 'import', 'budget']

/** One line a package, with what is over its budget. Times are shown, never judged. */
export function formatCosts(costs: readonly Cost[], budgets: Record<string, Budget>): string {
  const rows = costs.map((cost) => ({ cost, cells: cellsOf(cost, budgetOf(cost, budgets)) }))
  const widths = HEAD.map((title, column) =>
    Math.max(title.length, ...rows.map(({ cells }) => (cells[column] as string).length)),
  )
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (i ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
  const lines = rows.map(({ cost, cells }) => [line(cells), ...remarks(cost, budgets)].join('  '))
  return [line(HEAD), ...lines].join('\n')
}

/** Packages whose install is larger than it may be. */
export function overBudget(costs: readonly Cost[], budgets: Record<string, Budget>): string[] {
  return costs
    .filter((cost) => cost.installKiB > budgetOf(cost, budgets).installKiB)
    .map(({ name }) => name)
}

function cellsOf(cost: Cost, budget: Budget): string[] {
  return [
    cost.name,
    `${cost.tarballKiB.toFixed(0)} KiB`,
    `${cost.installKiB.toFixed(0)} KiB`,
    `${budget.installKiB} KiB`,
    String(cost.packages),
    `${cost.importMs.toFixed(1)} ms`,
    `${budget.importMs} ms`,
  ]
}

function remarks(cost: Cost, budgets: Record<string, Budget>): string[] {
  const budget = budgetOf(cost, budgets)
  const large = cost.installKiB > budget.installKiB ? [styleText('red', 'too large')] : []
  const slow = cost.importMs > budget.importMs ? [styleText('yellow', 'slow here')] : []
  const asked = cost.peers.length > 0 ? [`some doors ask for ${cost.peers.join(', ')}`] : []
  return [...large, ...slow, ...asked]
}

function budgetOf({ name }: Cost, budgets: Record<string, Budget>): Budget {
  const budget = budgets[name]
  if (!budget) throw new Error(`${name} has no budget in checks/src/costs/budgets.ts`)
  return budget
}
