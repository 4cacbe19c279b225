import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { commonJsForm } from '../src/release/commonjs-form.ts'
import { formatTrials } from '../src/release/report.ts'
import { inParallel, run } from '../src/release/run.ts'

test('the table has a column for each step, and failures follow in full', () => {
  const table = formatTrials([
    {
      name: 'one',
      steps: [
        { name: 'install', ms: 1234 },
        { name: 'node 22', ms: 100 },
      ],
    },
    { name: 'other', steps: [{ name: 'install', ms: 5, failure: 'first\nsecond' }] },
  ])
  expect(stripVTControlCharacters(table).split('\n')).toEqual([
    '       install  node 22',
    'one      1.2 s    0.1 s',
    'other   failed        -',
    '',
    'other: install failed',
    '  first',
    '  second',
  ])
})

test('the form for require has no import and no top-level await', () => {
  const code = commonJsForm(`import { a } from 'a'\nimport { b } from 'b/c'\nawait a(b)\n`)
  expect(code).toContain(`require("a")`)
  expect(code).toContain(`require("b/c")`)
  expect(code).not.toMatch(/^\s*import\b/m)
  expect(code.startsWith('(async () => {')).toBe(true)
})

test('a program that fails tells what it printed', async () => {
  const code = `console.log('out'); console.error('err'); process.exit(3)`
  await expect(run(process.execPath, ['-e', code], { cwd: '.' })).rejects.toThrow(/out\nerr/)
})

test('a program ends when it is no longer wanted', async () => {
  const stopping = new AbortController()
  const running = run(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
    cwd: '.',
    signal: stopping.signal,
  })
  stopping.abort(new Error('stopped'))
  await expect(running).rejects.toThrow('stopped')
})

test('work in parallel keeps the order and the limit', async () => {
  let atOnce = 0
  let most = 0
  const answers = await inParallel([30, 10, 20, 1], 2, async (ms) => {
    most = Math.max(most, ++atOnce)
    await new Promise((resolve) => setTimeout(resolve, ms))
    atOnce -= 1
    return ms
  })
  expect(answers).toEqual([30, 10, 20, 1])
  expect(most).toBe(2)
})
