/**
 * Packs every package, installs each alone as a user would, loads every door, and prints what it costs against
 * the budget. Fails when an install is over its budget or the README tells other figures; `--update` writes them.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { readWorkspace } from '../workspace.ts'
import { budgets } from './budgets.ts'
import { formatCosts, overBudget } from './cost-report.ts'
import { type Cost, measureCost, packAll } from './measure-cost.ts'
import { staleFigures, withFigures } from './package-table.ts'

const { values } = parseArgs({ options: { update: { type: 'boolean', default: false } } })
const root = fileURLToPath(new URL('../../..', import.meta.url))
const path = join(root, 'README.md')

const costs = await measureAll()
console.log(formatCosts(costs, budgets))
if (values.update) await writeFile(path, withFigures(await readFile(path, 'utf8'), costs))
const stale = staleFigures(await readFile(path, 'utf8'), costs)
for (const problem of stale) console.log(problem)
if (stale.length > 0) console.log('`pnpm readme:update` measures and writes the figures.')
if (stale.length > 0 || overBudget(costs, budgets).length > 0) process.exitCode = 1

async function measureAll(): Promise<Cost[]> {
  const published = readWorkspace(root).packages.filter(({ manifest }) => !manifest.private)
  const folder = await mkdtemp(join(tmpdir(), 'mortise-install-'))
  try {
    const tarballs = await packAll(published, folder)
    const measured: Cost[] = []
    for (const subject of published) measured.push(await measureCost(subject, tarballs, folder))
    return measured
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
