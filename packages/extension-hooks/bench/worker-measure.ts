import type { Measure } from '../../../scripts/bench/ratios.ts'
import type * as Hooks from '../src/index.ts'
import { paired } from './paired.ts'
import { callBody } from './workload.ts'

/** Of single calls: a switch between threads that the machine delays is an outlier, not a trend. */
const PAIRS = 1000
/** Of both hosts, until their cost has settled. */
const WARM_UP_CALLS = 3_000

/** What a call costs its caller when it goes to another thread. */
export async function workerMeasure(
  inWorker: Hooks.HookHost,
  inProcess: Hooks.HookHost,
): Promise<Measure> {
  const page = callBody(100)
  const wallMs = async (host: Hooks.HookHost) => {
    const startedAt = performance.now()
    await host.invokeBytes(page)
    return performance.now() - startedAt
  }
  for (let call = 0; call < WARM_UP_CALLS; call++) {
    await wallMs(inWorker)
    await wallMs(inProcess)
  }
  return {
    name: 'wall time in a worker, 100 records a page, against in process',
    goal: 1.35,
    better: 'lower',
    ...paired({ ours: () => wallMs(inWorker), theirs: () => wallMs(inProcess), pairs: PAIRS }),
  }
}
