import { execFileSync } from 'node:child_process'
import { request } from 'node:http'
import { fileURLToPath } from 'node:url'
import { benchRatios, type Measure } from '../../../scripts/bench/ratios.ts'
import type * as Hooks from '../src/index.ts'
import type * as Workers from '../src/worker/index.ts'
import { type BenchServer, load, startServer } from './load.ts'
import { callBody } from './workload.ts'

const built = <T>(path: string) =>
  import(new URL(`../dist/${path}.mjs`, import.meta.url).href) as Promise<T>

using ours = await startServer('ours')
using bare = await startServer('bare')
using original = await startServer('original')

async function cpuMs(server: BenchServer, body: Buffer, requests: number): Promise<number> {
  const before = await server.usage()
  await load(server.port, body, requests)
  return (await server.usage()).cpuMs - before.cpuMs
}

/** Enough requests for a stable figure within a second or two. */
const sizes = [
  { records: 1, requests: 8000, bareGoal: 1.2, originalGoal: 0.1 },
  { records: 20, requests: 2000, bareGoal: 1.2, originalGoal: undefined },
  { records: 1000, requests: 80, bareGoal: 1.25, originalGoal: 0.4 },
]

const servers = sizes.flatMap(({ records, requests, bareGoal, originalGoal }): Measure[] => {
  const body = callBody(records)
  const against = (name: string, goal: number, theirs: BenchServer, mine = ours): Measure => ({
    name: `server CPU, ${records} records a page, ${name}`,
    goal,
    better: 'lower',
    ours: () => cpuMs(mine, body, requests),
    theirs: () => cpuMs(theirs, body, requests),
  })
  const first = against('against bare node:http', bareGoal, bare)
  if (originalGoal === undefined) return [first]
  const peer = 'integrator-extension on Express'
  // The bare server against the same goal says how much of it any server on node:http can reach.
  return [
    first,
    against(`against ${peer}`, originalGoal, original),
    against(`bare node:http itself against ${peer}`, originalGoal, original, bare),
  ]
})

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

/** The middle one of several samples: what else the machine does lies on either side of it. */
async function median(samples: number, sample: () => number | Promise<number>): Promise<number> {
  const taken: number[] = []
  while (taken.length < samples) taken.push(await sample())
  return taken.sort((a, b) => a - b)[samples >> 1] as number
}

function coldStartMs(handler: string): number {
  const script = fileURLToPath(new URL('./cold-start.mjs', import.meta.url))
  return Number(execFileSync(process.execPath, [script, handler], { encoding: 'utf8' }))
}
/** A difference in milliseconds, not a ratio. */
const coldStart: Measure = {
  name: 'Lambda cold start over an empty handler, in ms',
  goal: 2,
  better: 'lower',
  ours: async () =>
    (await median(5, () => coldStartMs('./lambda-ours.mjs'))) -
    (await median(5, () => coldStartMs('./lambda-empty.mjs'))),
  theirs: () => 1,
}

const { createHookHost } = await built<typeof Hooks>('index')
const { createWorkerHookHost } = await built<typeof Workers>('worker/index')
const { diy } = await import('./worker-extension.ts')
const inProcess = createHookHost({ diy })
await using inWorker = await createWorkerHookHost(
  new URL('./worker-extension.ts', import.meta.url),
  { size: 1 },
)
const page = callBody(100)
/** A call at a time, each timed by itself: a switch between threads that the machine delays is an outlier, not a trend. */
const wallMs = (host: Hooks.HookHost): Promise<number> =>
  median(400, async () => {
    const startedAt = performance.now()
    await host.invokeBytes(page)
    return performance.now() - startedAt
  })
const worker: Measure = {
  name: 'wall time in a worker, 100 records a page, against in process',
  goal: 1.35,
  better: 'lower',
  ours: () => wallMs(inWorker),
  theirs: () => wallMs(inProcess),
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

await benchRatios({
  package: 'extension-hooks',
  measures: [...servers, memory, coldStart, worker, unauthenticated],
})
