import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readFigures, reliabilityTables, speedTables } from '../generate/figures.ts'

const fast = { median: 0.8123, min: 0.7, max: 1.2, goal: 1, better: 'lower' }
const slow = { median: 140.4, min: 90, max: 200, goal: 200, better: 'higher' }

test('without files the pages say that there are no figures', () => {
  const figures = readFigures(folderWith({}))
  expect(speedTables(figures)).toContain('No figures have been committed yet.')
  expect(reliabilityTables(figures)).toContain('No results have been committed yet.')
})

test('the output of a bench becomes a table and a chart, goals met and missed alike', () => {
  const ratios = { 'read | write <fast>': fast, 'requests/s against {bare}': slow }
  const page = speedTables(
    readFigures(folderWith({ 'bench-errors.json': { ratios }, 'notes.txt': {} })),
  )
  expect(page).toContain('## errors')
  expect(page).toContain('| read &#124; write &#60;fast&#62; | 0.812 | 0.7 to 1.2 | ≤ 1 | met |')
  expect(page).toContain(
    '| requests/s against &#123;bare&#125; | 140 | 90 to 200 | ≥ 200 | **missed** |',
  )
  expect(page).toContain('<svg role="img"')
  expect(page).toMatch(/width="324.9".*var\(--vp-c-brand-1\)/)
  expect(page).not.toContain('<fast>')
})

test('the report of a soak becomes a table: lists by their length, groups by their members', () => {
  const report = { webhooks: 5000, neverAcknowledged: 0, wrongLost: ['a'], faults: { cutAfter: 3 } }
  const page = reliabilityTables(readFigures(folderWith({ 'soak-messages.json': report })))
  expect(page).toContain('### messages')
  expect(page).toContain('| webhooks | 5,000 |')
  expect(page).toContain('| never acknowledged | 0 |')
  expect(page).toContain('| wrong lost | 1 |')
  expect(page).toContain('| faults cut after | 3 |')
})

test('a file that is not what its name says is refused by name', () => {
  expect(() =>
    readFigures(folderWith({ 'bench-a.json': { ratios: { x: { median: 1 } } } })),
  ).toThrow(
    new TypeError('figures/bench-a.json must hold the ratios that a bench prints with --json'),
  )
  expect(() => readFigures(folderWith({ 'soak-a.json': [1] }))).toThrow(
    new TypeError('figures/soak-a.json must hold one JSON object'),
  )
})

test('the committed figures can be read', () => {
  expect(() => readFigures(join(import.meta.dirname, '../figures'))).not.toThrow()
})

function folderWith(files: Readonly<Record<string, unknown>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'mortise-figures-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, value] of Object.entries(files))
    writeFileSync(join(folder, name), JSON.stringify(value))
  return folder
}
