import { benchRatios } from '../../../scripts/bench/ratios.ts'
import { type BenchServer, load, startServer } from './load.ts'
import { callBody } from './workload.ts'

using ours = await startServer('ours')
using bare = await startServer('bare')
using original = await startServer('original')

/** Enough requests for a stable figure within a second or two. */
const sizes = [
  { records: 1, requests: 8000, bareGoal: 1.2, originalGoal: 0.1 },
  { records: 20, requests: 3000, bareGoal: 1.2, originalGoal: undefined },
  { records: 1000, requests: 120, bareGoal: 1.25, originalGoal: 0.4 },
]

async function cpuMs(server: BenchServer, body: Buffer, requests: number): Promise<number> {
  const before = await server.usage()
  await load(server.port, body, requests)
  return (await server.usage()).cpuMs - before.cpuMs
}

const measures = sizes.flatMap(({ records, requests, bareGoal, originalGoal }) => {
  const body = callBody(records)
  const against = (name: string, goal: number, theirs: BenchServer) => ({
    name: `server CPU a request, ${records} records a page, against ${name}`,
    goal,
    better: 'lower' as const,
    ours: () => cpuMs(ours, body, requests),
    theirs: () => cpuMs(theirs, body, requests),
  })
  const first = against('bare node:http', bareGoal, bare)
  return originalGoal === undefined
    ? [first]
    : [first, against('integrator-extension on Express', originalGoal, original)]
})

await benchRatios({ package: 'extension-hooks', measures })
