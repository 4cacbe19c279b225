import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'tsup'
import type { Measure } from '../../../scripts/bench/ratios.ts'
import { paired } from './paired.ts'

const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url))
const EMPTY = pathOf('./lambda-empty.mjs')
const OURS = pathOf('./lambda-ours.mjs')
/** Of processes. */
const PAIRS = 15
/** Of both rows; in milliseconds. */
const GOAL = 2

/** What our code adds to the start of a handler: as it is installed, and as most who deploy to Lambda ship it. */
export async function coldStartMeasures(): Promise<Measure[] & Disposable> {
  const folder = mkdtempSync(join(tmpdir(), 'mortise-bench-'))
  await bundle(OURS, folder)
  const measures = [
    overEmpty('Lambda cold start over an empty handler, in ms', OURS),
    overEmpty(
      'Lambda cold start, bundled into the file of the handler, in ms',
      join(folder, 'lambda-ours.mjs'),
    ),
  ]
  return Object.assign(measures, {
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  })
}

/** A difference in milliseconds, not a ratio. */
function overEmpty(name: string, handler: string): Measure {
  return {
    name,
    goal: GOAL,
    better: 'lower',
    ...paired({
      ours: () => coldStartMs(handler),
      theirs: () => coldStartMs(EMPTY),
      pairs: PAIRS,
      compare: (ours, empty) => ours - empty,
    }),
  }
}

function coldStartMs(handler: string): number {
  const script = pathOf('./cold-start.mjs')
  return Number(execFileSync(process.execPath, [script, handler], { encoding: 'utf8' }))
}

async function bundle(handler: string, outDir: string): Promise<void> {
  await build({
    entry: [handler],
    config: false,
    format: ['esm'],
    outDir,
    outExtension: () => ({ js: '.mjs' }),
    minify: true,
    silent: true,
  })
}
