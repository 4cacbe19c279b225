import { createSegmentsUploader } from '@mortise/segments-uploader'
import { createS3SegmentTarget } from '@mortise/segments-uploader/s3'
import { benchRatios } from '../../../scripts/bench/ratios.ts'
import { createBenchBucket, profileOf } from './bench-bucket.ts'
import { uploadLikeThePlugin } from './plugin.ts'

const KEY = '2026-11-21_segments.json'
const NOON = Date.UTC(2026, 10, 21, 12)
const CALLERS = 64
const PROFILES_OF_50_MB = 450_000
const s3 = await createBenchBucket()

type Options = Omit<Parameters<typeof createSegmentsUploader>[0], 'target'>

interface Result {
  bytesPerEvent: number
  requestsPerEvent: number
  eventsPerSecond: number
}

/** So many callers, each waiting for its answer before it sends the next event. */
async function closedLoop(
  events: number,
  callers: number,
  send: (n: number) => Promise<unknown>,
  flush = async () => {},
) {
  let next = 0
  s3.traffic.bytes = 0
  s3.traffic.requests = 0
  const begin = performance.now()
  await Promise.all(
    Array.from({ length: callers }, async () => {
      while (next < events) await send(next++)
    }),
  )
  await flush()
  const seconds = (performance.now() - begin) / 1000
  const { bytes, requests } = s3.traffic
  return {
    bytesPerEvent: bytes / events,
    requestsPerEvent: requests / events,
    eventsPerSecond: events / seconds,
  }
}

async function theirs(profiles: number, events: number, callers: number): Promise<Result> {
  await prepare(profiles)
  return await closedLoop(events, callers, (n) => uploadLikeThePlugin(s3, KEY, profileOf(n)))
}

async function ours(
  profiles: number,
  events: number,
  callers: number,
  options: Options = {},
): Promise<Result> {
  const own = options.compression !== undefined || options.paddingBytes !== undefined
  await prepare(own ? 0 : profiles)
  const target = createS3SegmentTarget(s3)
  const uploader = createSegmentsUploader({ target, now: () => NOON, ...options })
  const send = (n: number) => {
    const { smi_uid, segments } = profileOf(n)
    return uploader.upload({ traits: { smi_uid }, segments })
  }
  // Finds out about the store and the file, once for a process; only an uploader pads or compresses a file.
  await Promise.all(Array.from({ length: own ? profiles : 1 }, (_, n) => send(n)))
  const result = await closedLoop(events, callers, send, uploader.flush)
  await uploader.close()
  return result
}

async function prepare(profiles: number): Promise<void> {
  await s3.clear()
  if (profiles > 0) await s3.fill(KEY, profiles)
}

/** One run gives three figures; each is read by a measure of its own, the rounds of all three in step. */
function remember(run: () => Promise<Result>) {
  const waiting = new Map<keyof Result, Result[]>()
  return (figure: keyof Result) => async () => {
    const before = waiting.get(figure)?.shift()
    if (before) return before[figure]
    const result = await run()
    for (const other of ['bytesPerEvent', 'requestsPerEvent', 'eventsPerSecond'] as const) {
      if (other !== figure) waiting.set(other, [...(waiting.get(other) ?? []), result])
    }
    return result[figure]
  }
}

const padding = { paddingBytes: 5 * 1024 * 1024 }
const plugin = remember(() => theirs(5_000, CALLERS, CALLERS))
const direct = remember(() => ours(5_000, CALLERS * 20, CALLERS))
const padded = remember(() => ours(5_000, CALLERS * 20, CALLERS, padding))
const gzipped = remember(() => ours(5_000, CALLERS * 20, CALLERS, { compression: 'gzip' }))
const journal = remember(() => ours(5_000, CALLERS * 60, CALLERS, { delivery: 'journal' }))
const goals = { bytes: 1 / 500, requests: 1 / 30, speed: 40 }
const figures = [
  { name: 'direct', run: direct },
  { name: 'direct with gzip', run: gzipped },
  { name: 'direct with padding', run: padded },
  { name: 'journal', run: journal },
]
// Each append copies 50 MB on the server, so this is run once; its bytes are the same each time.
const fiftyMegabytes = (await ours(PROFILES_OF_50_MB, CALLERS * 5, CALLERS)).bytesPerEvent
const lower = 'lower' as const
const higher = 'higher' as const

await benchRatios({
  package: 'segments-uploader',
  rounds: 3,
  measures: [
    ...figures.flatMap(({ name, run }) => [
      {
        name: `${name}, 64 callers: bytes an event`,
        goal: goals.bytes,
        better: lower,
        ours: run('bytesPerEvent'),
        theirs: plugin('bytesPerEvent'),
      },
      {
        name: `${name}, 64 callers: requests an event`,
        goal: goals.requests,
        better: lower,
        ours: run('requestsPerEvent'),
        theirs: plugin('requestsPerEvent'),
      },
      {
        name: `${name}, 64 callers: events a second`,
        goal: goals.speed,
        better: higher,
        ours: run('eventsPerSecond'),
        theirs: plugin('eventsPerSecond'),
      },
    ]),
    {
      name: 'direct, one caller: events a second',
      goal: 2,
      better: higher,
      ours: async () => (await ours(5_000, 50, 1)).eventsPerSecond,
      theirs: async () => (await theirs(5_000, 25, 1)).eventsPerSecond,
    },
    {
      name: 'direct, 50 MB in the file: bytes an event (theirs: the 500 to stay under)',
      goal: 1,
      better: lower,
      ours: () => fiftyMegabytes,
      theirs: () => 500,
    },
  ],
})
await s3[Symbol.asyncDispose]()
