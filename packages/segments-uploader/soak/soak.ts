import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createSegmentsCompactor } from '@mortise/segments-uploader'
import type { SoakStore } from './soak-store.ts'
import type { WriterTask } from './task.ts'
import { readAcknowledged, startWriter } from './writers.ts'

export interface SoakOptions {
  store: SoakStore
  delivery: 'direct' | 'journal'
  processes: number
  eventsEach: number
  callersEach: number
  /** The mean time between two kills of a writer, and between two outages of the store. */
  killEveryMs: number
  outageEveryMs: number
  /** After so many disturbances of each kind the rest goes in peace. */
  maxDisturbances: number
  /** At least so many reads of the file while it is written. */
  reads: number
  pauseBetweenReadsMs: number
}

export interface SoakReport {
  delivery: string
  seconds: number
  acknowledged: number
  /** Acknowledged events that the file does not have. */
  lost: number
  /** Events that the file has more than once. */
  doubled: number
  reads: number
  /** Reads that were not valid JSON, or that lacked what an earlier one had. */
  badReads: number
  writerKills: number
  /** What happened to the store and to what was sent to it. */
  faults: Readonly<Record<string, number>>
}

interface Profile {
  smi_uid: string
}

const DAY = '2026-11-21'
const KEY = `${DAY}_segments.json`
/** All clocks begin here, far from midnight. */
const NOON = Date.UTC(2026, 10, 21, 12)

/** Many writers, killed again and again, over a store that loses answers; and a reader that looks all the time. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const { store, killEveryMs, outageEveryMs, maxDisturbances } = options
  const begin = performance.now()
  const folder = await mkdtemp(join(tmpdir(), 'segments-soak-'))
  const tasks = Array.from({ length: options.processes }, (_, index) =>
    taskOf(options, `w${index}`, folder),
  )
  const stop = new AbortController()
  const failed = new AbortController()
  const writers = tasks.map((task) => startWriter(task, stop.signal))
  const disturbing = Promise.all([
    every(killEveryMs, maxDisturbances, stop.signal, () => {
      writers[Math.floor(Math.random() * writers.length)]?.kill()
    }),
    every(outageEveryMs, maxDisturbances, stop.signal, store.outage),
  ])
  const reading = readAllTheTime(options, { stop: stop.signal, failed: failed.signal })
  try {
    const working = Promise.all(writers.map(({ finished }) => finished))
    await Promise.race([working, disturbing.then(() => working), reading.then(() => working)])
    if (options.delivery === 'journal') await foldRest(store) // what the killed left, as anybody may
    stop.abort()
    const [{ reads, badReads }] = await Promise.all([reading, disturbing])
    const ids = profilesOf(await store.read(KEY)).map(({ smi_uid }) => smi_uid)
    const acknowledged = await readAcknowledged(tasks)
    const present = new Set(ids)
    const lost = [...acknowledged].filter((id) => !present.has(id))
    return {
      delivery: options.delivery,
      seconds: Math.round((performance.now() - begin) / 1000),
      acknowledged: acknowledged.size,
      lost: lost.length,
      doubled: ids.length - present.size,
      reads,
      badReads,
      writerKills: writers.reduce((sum, writer) => sum + writer.kills(), 0),
      faults: store.faults(),
    }
  } finally {
    failed.abort()
    stop.abort()
    for (const writer of writers) writer.end()
    await Promise.allSettled([disturbing, reading])
    await store.remove()
    await rm(folder, { recursive: true })
  }
}

function taskOf(options: SoakOptions, name: string, folder: string): WriterTask {
  return {
    name,
    events: options.eventsEach,
    callers: options.callersEach,
    acknowledged: join(folder, name),
    delivery: options.delivery,
    aheadMs: NOON - Date.now(),
    access: options.store.access,
  }
}

async function foldRest({ target }: SoakStore): Promise<void> {
  const options = { target, delivery: 'journal', commitTimeoutMs: 300_000 } as const
  await createSegmentsCompactor(options).compact(DAY)
}

async function every(
  meanMs: number,
  times: number,
  stop: AbortSignal,
  work: () => unknown,
): Promise<void> {
  for (let time = 0; time < times && !stop.aborted; time += 1) {
    await sleep(meanMs * (0.5 + Math.random()), undefined, { signal: stop }).catch(() => {})
    if (!stop.aborted) await work()
  }
}

/** Until the writers are done, and the wanted number in any case but a failure. */
async function readAllTheTime(
  options: SoakOptions,
  { stop, failed }: { stop: AbortSignal; failed: AbortSignal },
) {
  const { store, reads: wanted, pauseBetweenReadsMs } = options
  let before: Profile[] = []
  let [reads, badReads] = [0, 0]
  while ((reads < wanted && !failed.aborted) || !stop.aborted) {
    const text = await store.read(KEY).catch(() => undefined) // away: it is asked again
    if (text !== undefined) {
      const now = tryProfilesOf(text)
      const grown = before.every(({ smi_uid }, index) => now?.[index]?.smi_uid === smi_uid)
      if (!grown || !now) badReads += 1
      before = now ?? before
      reads += 1
    }
    if (!stop.aborted) await sleep(pauseBetweenReadsMs)
  }
  return { reads, badReads }
}

function tryProfilesOf(text: string): Profile[] | undefined {
  try {
    return profilesOf(text)
  } catch {
    return undefined
  }
}

function profilesOf(text: string | undefined): Profile[] {
  return (JSON.parse(text ?? '{"profiles":[]}') as { profiles: Profile[] }).profiles
}
