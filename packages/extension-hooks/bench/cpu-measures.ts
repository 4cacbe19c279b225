import type { Measure } from '../../../scripts/bench/ratios.ts'
import { type BenchServer, load } from './load.ts'
import { paired } from './paired.ts'
import { callBody } from './workload.ts'

/** The servers that are compared. */
interface Servers {
  readonly ours: BenchServer
  readonly bare: BenchServer
  readonly original: BenchServer
}

/** `requests` of a sample take some tens of milliseconds; the original needs so much more that fewer do. */
const sizes = [
  { records: 1, requests: 600, originalRequests: 150, bareGoal: 1.2, originalGoal: 0.1 },
  { records: 20, requests: 150, originalRequests: 60, bareGoal: 1.2, originalGoal: undefined },
  { records: 1000, requests: 8, originalRequests: 4, bareGoal: 1.25, originalGoal: 0.4 },
]
const PAIRS = 8

/** CPU time of a request, by the server's own account of it. */
export function cpuMeasures({ ours, bare, original }: Servers): Measure[] {
  return sizes.flatMap(({ records, requests, originalRequests, bareGoal, originalGoal }) => {
    const body = callBody(records)
    const against = (name: string, goal: number, theirs: BenchServer, mine = ours): Measure => {
      const cpuOf = (server: BenchServer) => () =>
        cpuMs(server, body, server === original ? originalRequests : requests)
      return {
        name: `server CPU, ${records} records a page, ${name}`,
        goal,
        better: 'lower',
        ...paired({ ours: cpuOf(mine), theirs: cpuOf(theirs), pairs: PAIRS }),
      }
    }
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
}

/** Of one request. */
async function cpuMs(server: BenchServer, body: Buffer, requests: number): Promise<number> {
  await warm(server)
  const before = await server.usage()
  await load(server.port, body, requests)
  return ((await server.usage()).cpuMs - before.cpuMs) / requests
}

/** The cost of a request falls to less than half while the compiler finds out what is hot. */
const WARM_UP_REQUESTS = 30_000
const warmed = new WeakMap<BenchServer, Promise<void>>()

/** Calls a server, once, until its cost has settled. */
function warm(server: BenchServer): Promise<void> {
  const warming = warmed.get(server) ?? load(server.port, callBody(1), WARM_UP_REQUESTS)
  warmed.set(server, warming)
  return warming
}
