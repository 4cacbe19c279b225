import type { Reporter, TestModule, Vitest } from 'vitest/node'
import { projectFolders } from './project-folders.ts'
import { missingParts } from './real-parts.ts'
import { keepCounts, plainLine, type TestCounts } from './test-counts.ts'

/**
 * Ends a run with one plain line, `N passed, N failed, N skipped`, for people and machines alike, and
 * before it one loud line for each real server that could not be had. Run for one project as a part of
 * `pnpm test`, it leaves the counts for the line that ends the whole.
 */
export default class Summary implements Reporter {
  #vitest: Vitest | undefined

  onInit(vitest: Vitest): void {
    this.#vitest = vitest
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const counts = countTests(modules, errors)
    const servers = this.#vitest?.getRootProject().getProvidedContext()
    process.on('exit', (code) => {
      if (code !== 0 && counts.failed === 0) counts.failed = 1 // the run itself: a set-up, a crash
      if (servers && counts.skipped > 0) for (const line of missingParts(servers)) console.log(line)
      console.log(plainLine(counts))
      this.#keep(counts)
    })
  }

  #keep(counts: TestCounts): void {
    const run = process.env.MORTISE_TEST_RUN
    const [project, ...others] = this.#vitest?.projects ?? []
    const folder = project && projectFolders().get(project.name)
    if (run && folder && others.length === 0) keepCounts(folder, { run, ...counts })
  }
}

function countTests(modules: readonly TestModule[], errors: readonly unknown[]): TestCounts {
  const counts = { passed: 0, failed: errors.length, skipped: 0 }
  for (const module of modules) {
    counts.failed += module.errors().length // a file that cannot be loaded is one failure
    for (const test of module.children.allTests()) {
      const { state } = test.result()
      counts[state === 'pending' ? 'skipped' : state] += 1
    }
  }
  return counts
}
