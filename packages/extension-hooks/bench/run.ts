import { execFileSync } from 'node:child_process'
import { request } from 'node:http'
import { fileURLToPath } from 'node:url'
import { benchRatios, type Measure } from '../../../scripts/bench/ratios.ts'
import type * as Hooks from '../src/index.ts'
import type * as Workers from '../src/worker/index.ts'
import { type BenchServer, load, startServer } from './load.ts'
import { callBody } from './workload.ts'

const built = <T>(path: string) =>
  import(new URL(`../dist/${path}.js`, import.meta.url).href) as Promise<T>

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

/** Peak memory of servers that did nothing but large pages. A difference, so 40 MiB are taken off ours. */
async function peakMiB(kind: string): Promise<number> {
  using server = await startServer(kind)
  await load(server.port, callBody(1000), 60)
  return (await server.usage()).maxRssMiB
}
const memory: Measure = {
  name: 'peak memory less 40 MiB, 1000 records a page, against bare node:http',
  goal: 1,
  better: 'lower',
  ours: async () => (await peakMiB('ours')) - 40,
  theirs: () => peakMiB('bare'),
}

/** A difference as well: 2 ms are taken off ours. */
function coldStartMs(kind: string): number {
  const script = fileURLToPath(new URL('./cold-start.ts', import.meta.url))
  return Number(execFileSync(process.execPath, [script, kind], { encoding: 'utf8' }))
}
const coldStart: Measure = {
  name: 'Lambda cold start less 2 ms, against an empty handler',
  goal: 1,
  better: 'lower',
  ours: () => coldStartMs('ours') - 2,
  theirs: () => coldStartMs('empty'),
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
async function wallMs(host: Hooks.HookHost): Promise<number> {
  const startedAt = performance.now()
  for (let call = 0; call < 300; call++) await host.invokeBytes(page)
  return performance.now() - startedAt
}
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
