import { request } from 'node:http'
import { benchRatios, type Measure } from '../../../scripts/bench/ratios.ts'
import type * as Hooks from '../src/index.ts'
import type * as Workers from '../src/worker/index.ts'
import { coldStartMeasures } from './cold-start-measures.ts'
import { cpuMeasures } from './cpu-measures.ts'
import { load, startServer } from './load.ts'
import { diy } from './worker-extension.ts'
import { workerMeasure } from './worker-measure.ts'
import { callBody } from './workload.ts'

const built = <T>(path: string) =>
  import(new URL(`../dist/${path}.mjs`, import.meta.url).href) as Promise<T>

using ours = await startServer('ours')
using bare = await startServer('bare')
using original = await startServer('original')

/** Enough for the peak to stop growing: with fewer it depends on when the collector happens to run. */
const MEMORY_REQUESTS = 160

/** Peak memory of servers that did nothing but large pages. A difference, so 40 MiB are taken off ours. */
async function peakMiB(kind: string): Promise<number> {
  using server = await startServer(kind)
  await load(server.port, callBody(1000), MEMORY_REQUESTS)
  return (await server.usage()).maxRssMiB
}
const memory: Measure = {
  name: 'peak memory less 40 MiB, 1000 records a page, against bare node:http',
  goal: 1,
  better: 'lower',
  ours: async () => (await peakMiB('ours')) - 40,
  theirs: () => peakMiB('bare'),
}

/** Slowest of the probes while somebody without a token sends 50 MB. The goal is in milliseconds. */
async function probeDelayMs(): Promise<number> {
  const upload = request({
    port: ours.port,
    path: '/function',
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': 50e6 },
  })
  upload.on('error', () => undefined).on('response', (response) => response.resume())
  const chunk = Buffer.alloc(1 << 20, 0x20)
  let slowest = 0
  for (let sent = 0; sent < 50; sent++) {
    if (!upload.destroyed) upload.write(chunk)
    const startedAt = performance.now()
    await (await fetch(`http://127.0.0.1:${ours.port}/livez`)).text()
    slowest = Math.max(slowest, performance.now() - startedAt)
  }
  upload.destroy()
  return slowest
}
const unauthenticated: Measure = {
  name: 'slowest health probe in ms while 50 MB come without a token',
  goal: 50,
  better: 'lower',
  ours: probeDelayMs,
  theirs: () => 1,
}

const { createHookHost } = await built<typeof Hooks>('index')
const { createWorkerHookHost } = await built<typeof Workers>('worker/index')
await using inWorker = await createWorkerHookHost(
  new URL('./worker-extension.ts', import.meta.url),
  { size: 1 },
)
using coldStarts = await coldStartMeasures()

await benchRatios({
  package: 'extension-hooks',
  // Each round is the middle of several pairs already.
  rounds: 5,
  measures: [
    ...cpuMeasures({ ours, bare, original }),
    memory,
    ...coldStarts,
    await workerMeasure(inWorker, createHookHost({ diy })),
    unauthenticated,
  ],
})
