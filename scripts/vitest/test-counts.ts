import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What became of the tests of a run. */
export interface TestCounts {
  passed: number
  failed: number
  skipped: number
}

/** The counts of one project's run, as kept in its folder; `run` tells which run that was. */
interface KeptCounts extends TestCounts {
  run: string
}

const FILE_NAME = 'test-counts.json'

/** The one line that ends a run of tests. */
export function plainLine({ passed, failed, skipped }: TestCounts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}

/** Keeps the counts beside the project, where a cached task finds them again. */
export function keepCounts(folder: string, counts: KeptCounts): void {
  writeFileSync(join(folder, FILE_NAME), `${JSON.stringify(counts)}\n`)
}

export function forgetCounts(folder: string): void {
  rmSync(join(folder, FILE_NAME), { force: true })
}

export function readCounts(folder: string): KeptCounts | undefined {
  const file = join(folder, FILE_NAME)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
}
