import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { projectFolders } from './vitest/project-folders.ts'
import { findRealParts, missingParts, type RealParts } from './vitest/real-parts.ts'
import { forgetCounts, plainLine, readCounts } from './vitest/test-counts.ts'

/**
 * `pnpm test`: builds, type-checks, lints and tests, and ends in one plain line. What has not changed
 * since it last passed, on the same Node and with the same servers, is not done again; `--force` does it.
 */
const folders = [...projectFolders().values()]
const parts = await findRealParts()
const run = randomUUID()

for (const folder of folders) forgetCounts(folder)
const exitCode = await turbo(['build', 'typecheck', 'lint', 'test'], {
  ...process.env,
  TURBO_TELEMETRY_DISABLED: '1', // nobody who runs the tests was asked
  MORTISE_TEST_RUN: run,
  MORTISE_TESTS_ON: testsOn(parts),
  ...(!process.stdout.isTTY && { NO_COLOR: '1', FORCE_COLOR: '0' }),
  // Several projects run side by side, each with workers of its own.
  VITEST_MAX_WORKERS: String(Math.max(1, availableParallelism() >> 1)),
})
report()
process.exitCode = exitCode

function turbo(tasks: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const args = [
    'run',
    ...tasks,
    '--continue=dependencies-successful',
    '--output-logs=new-only',
    '--concurrency=100%',
  ]
  const child = spawn('turbo', [...args, ...process.argv.slice(2)], { stdio: 'inherit', env })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
}

/** What a result holds for: a pass without a server says nothing about a run with it. */
function testsOn({ nats, s3, browser }: RealParts): string {
  return [process.version, nats && 'nats', s3?.endpoint, browser].filter(Boolean).join(' ')
}

function report(): void {
  const kept = folders.flatMap((folder) => readCounts(folder) ?? [])
  const sum = (key: 'passed' | 'failed' | 'skipped') => kept.reduce((all, one) => all + one[key], 0)
  const counts = { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') }
  if (exitCode !== 0 && counts.failed === 0) counts.failed = 1 // a build, a type, a lint
  const unchanged = kept.filter((one) => one.run !== run).length
  if (unchanged > 0) {
    console.log(
      `${unchanged} of ${folders.length} suites are unchanged since they passed; \`pnpm test --force\` runs them again`,
    )
  }
  if (counts.skipped > 0) for (const line of missingParts(parts)) console.log(line)
  console.log(plainLine(counts))
}
