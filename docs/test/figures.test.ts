import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { chooseRuns, figureRuns } from '../generate/figure-runs.ts'
import { readFigures, reliabilityTables, speedTables } from '../generate/figures.ts'
import { lastJson } from '../generate/last-json.ts'
import { publishedPackages } from '../generate/published-packages.ts'

const fast = { median: 0.8123, min: 0.7, max: 1.2, goal: 1, better: 'lower' }
const measured = { at: '2026-11-22', node: '24.21.0', cores: 2 }
const slow = { median: 140.4, min: 90, max: 200, goal: 200, better: 'higher' }

test('without files the pages say that there are no figures', () => {
  const figures = readFigures(folderWith({}))
  expect(speedTables(figures)).toContain('No figures have been committed yet.')
  expect(reliabilityTables(figures)).toContain('No results have been committed yet.')
})

test('the output of a bench becomes a table and a chart, goals met and missed alike', () => {
  const more = { memory: { rss: 1 } }
  const ratios = { 'read | write <fast>': fast, 'requests/s against {bare}': slow, ...more }
  const page = speedTables(
    readFigures(folderWith({ 'bench-errors.json': { measured, ratios }, 'notes.txt': {} })),
  )
  expect(page).toContain('## errors')
  expect(page).toContain(
    '| read &#124; write &#60;fast&#62; | 0.812 | 0.7 to 1.2 | ≤\u00a01 | met |',
  )
  expect(page).toContain(
    '| requests/s against &#123;bare&#125; | 140 | 90 to 200 | ≥\u00a0200 | **missed** |',
  )
  expect(page).not.toContain('memory')
  expect(page).toContain('Measured on 2026-11-22 with Node.js 24.21.0 on 2 cores.')
  expect(page).toContain(
    '<span>read | write &#60;fast&#62;</span><i class="met" style="width:50.8%"></i>',
  )
  expect(page).toContain('<i class="missed" style="width:89.0%"></i>')
  expect(page).not.toContain('<fast>')
})

test('the report of a soak becomes a chart and a table, what must be zero before the rest', () => {
  const report = { faults: { cutAfter: 3 }, wrongLost: ['a'], neverAcknowledged: 0, kills: ['w 1'] }
  const counts = { handled: 4999, acknowledged: 5000, webhooks: 5000, seconds: 12.345 }
  const soak = { 'soak-messages.json': { measured, ...report, ...counts } }
  const page = reliabilityTables(readFigures(folderWith(soak)))
  const rows = page.match(/^\| .+\|$/gm)?.slice(2)
  expect(rows).toEqual([
    '| webhooks | 5,000 |  |',
    '| acknowledged | 5,000 |  |',
    '| handled | 4,999 |  |',
    '| kills | w 1 |  |',
    '| acknowledged and lost | 1 | **must be 0** |',
    '| never acknowledged | 0 | as promised |',
    '| faults cut after | 3 |  |',
    '| seconds | 12.3 |  |',
  ])
  expect(page).toContain('aria-label="5000 acknowledged, 4999 handled"')
  expect(page).toContain('var(--vp-c-danger-1)')
})

test('the last JSON object of an output is found, whatever was logged before it', () => {
  expect(lastJson('{ is no JSON\n{"a":1}\nnoise\n{\n  "b": {\n    "c": 2\n  }\n}\n')).toEqual({
    b: { c: 2 },
  })
  expect(lastJson('nothing')).toBeUndefined()
})

test('runs are chosen by their own name or by what they are about', () => {
  const runs = figureRuns(publishedPackages(), { quick: true })
  const names = (...chosen: string[]) => chooseRuns(runs, chosen).map(({ name }) => name)
  expect(names('errors', 'soak-demo-scale')).toEqual(['bench-errors', 'soak-demo-scale'])
  expect(names('messaging-sdk')).toEqual([
    'bench-messaging-sdk',
    'soak-messaging-sdk-sqlite',
    'soak-messaging-sdk-nats',
  ])
  expect(names()).toHaveLength(runs.length)
  expect(() => names('error')).toThrow(/^There is no error; there are bench-errors, errors/)
  expect(runs[0]?.args).toEqual(['bench/run.ts', '--json', '--rounds', '3'])
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
