import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { budgets } from '../src/costs/budgets.ts'
import { formatCosts, overBudget } from '../src/costs/cost-report.ts'
import type { Cost } from '../src/costs/measure-cost.ts'
import { staleFigures, tableProblems, withFigures } from '../src/costs/package-table.ts'
import { repository } from './repository.ts'

const A: Cost = {
  name: '@mortise/a',
  tarballKiB: 10,
  installKiB: 100,
  packages: 2,
  importMs: 0.2,
  peers: ['sdk'],
}
const B: Cost = { ...A, name: '@mortise/b', installKiB: 3000, packages: 5, importMs: 21.6 }

const README = `| [\`@mortise/outside\`](x) | 1 KiB | 1 | 1 ms |
<!-- packages -->
| package | what | installed | packages | import |
|---|---|---|---|---|
| [\`@mortise/a\`](packages/a) | some | ? | ? | ? |
| [\`@mortise/b\`](packages/b) | other | 1 KiB | 1 | 1 ms |
<!-- /packages -->`

test('the README lists every published package with its figures', () => {
  const readme = readFileSync(join(repository.root, 'README.md'), 'utf8')
  const published = repository.packages.filter(({ manifest }) => !manifest.private)
  const names = published.map(({ name }) => name)
  expect(tableProblems(readme, names)).toEqual([])
  expect(new Set(Object.keys(budgets))).toEqual(new Set(names))
})

test('figures are written into the rows of the table and nowhere else', () => {
  const written = withFigures(README, [A, B])
  expect(written.split('\n')).toEqual([
    ...README.split('\n').slice(0, 4),
    '| [`@mortise/a`](packages/a) | some | 100 KiB | 2 | 1 ms |',
    '| [`@mortise/b`](packages/b) | other | 2.9 MiB | 5 | 22 ms |',
    '<!-- /packages -->',
  ])
  expect(tableProblems(written, [A.name, B.name])).toEqual([])
  expect(staleFigures(written, [A, B])).toEqual([])
})

test('a missing, an unknown and an empty row are problems', () => {
  expect(tableProblems(README, ['@mortise/a', '@mortise/c'])).toEqual([
    'README.md: @mortise/c has no row in the package table',
    'README.md: @mortise/b has a row too many in the package table',
    'README.md: the row of @mortise/a does not end in its figures',
  ])
  expect(() => tableProblems('no table', [])).toThrow('<!-- packages -->')
})

test('a figure is stale by its size or its number of packages, never by its time', () => {
  const written = withFigures(README, [A, B])
  const slower = { ...A, importMs: 500, installKiB: 110 }
  expect(staleFigures(written, [slower, { ...B, packages: 6 }])).toEqual([
    'README.md: @mortise/b is 2.9 MiB in 6 packages, not 2.9 MiB in 5',
  ])
  expect(staleFigures(written, [{ ...A, installKiB: 200 }])).toEqual([
    'README.md: @mortise/a is 200 KiB in 2 packages, not 100 KiB in 2',
  ])
})

test('an install over its budget fails, a slow import is only remarked on', () => {
  const limits = {
    '@mortise/a': { installKiB: 99, importMs: 5 },
    '@mortise/b': { installKiB: 9000, importMs: 5 },
  }
  expect(overBudget([A, B], limits)).toEqual(['@mortise/a'])
  const table = formatCosts([A, B], limits)
  expect(table).toMatch(/@mortise\/a .*too large.*some doors ask for sdk/)
  expect(table).toMatch(/@mortise\/b .*slow here/)
  expect(() => formatCosts([A], {})).toThrow('@mortise/a has no budget')
})
