import type { Reporter, TestModule, Vitest } from 'vitest/node'
import { missingParts } from './global-setup.ts'

/**
 * Ends a run with one plain line, `N passed, N failed, N skipped`, for people and machines alike, and
 * before it one loud line for each real server that could not be had.
 */
export default class Summary implements Reporter {
  #vitest: Vitest | undefined

  onInit(vitest: Vitest): void {
    this.#vitest = vitest
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const counts = { passed: 0, failed: errors.length, skipped: 0 }
    for (const module of modules) {
      counts.failed += module.errors().length // a file that cannot be loaded is one failure
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        counts[state === 'pending' ? 'skipped' : state] += 1
      }
    }
    const servers = this.#vitest?.getRootProject().getProvidedContext()
    process.on('exit', (code) => {
      if (code !== 0 && counts.failed === 0) counts.failed = 1 // the run itself: a set-up, a crash
      if (servers && counts.skipped > 0) for (const line of missingParts(servers)) console.log(line)
      console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
    })
  }
}
