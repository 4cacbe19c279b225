import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3'
import type { S3Server } from '../../../scripts/servers/s3-server.ts'
import { type FaultProxy, type FaultRates, startFaultProxy } from './fault-proxy.ts'
import type { WriterTask } from './task.ts'

export interface SoakOptions {
  server: S3Server
  delivery: 'direct' | 'journal'
  processes: number
  eventsEach: number
  callersEach: number
  rates: FaultRates
  /** The mean time between two kills of a writer, and between two outages of the store. */
  killEveryMs: number
  outageEveryMs: number
  /** After so many disturbances of each kind the rest goes in peace. */
  maxDisturbances: number
  /** Reads of the file while it is written. */
  reads: number
}

export interface SoakReport {
  seconds: number
  acknowledged: number
  /** Acknowledged events that the file does not have. */
  lost: number
  /** Events that the file has more than once. */
  doubled: number
  reads: number
  /** Reads that were not valid JSON, or that lacked what an earlier one had. */
  badReads: number
  kills: number
  faults: FaultProxy['counts']
}

const KEY = '2026-11-21_segments.json'
const WRITER = fileURLToPath(new URL('./writer.ts', import.meta.url))

/** Many writers, killed again and again, behind a proxy that loses answers; and a reader that looks all the time. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const begin = performance.now()
  const folder = await mkdtemp(join(tmpdir(), 'segments-soak-'))
  const bucket = `segments-soak-${process.pid}-${Date.now()}`
  const client = new S3Client({
    region: options.server.region,
    endpoint: options.server.endpoint,
    forcePathStyle: true,
    credentials: options.server,
  })
  await client.send(new CreateBucketCommand({ Bucket: bucket }))
  const proxy = await startFaultProxy(options.server.endpoint, options.rates)
  const stop = new AbortController()
  const writers = Array.from({ length: options.processes }, (_, index) =>
    startWriter(taskOf(options, { proxy, bucket, folder, name: `w${index}` }), stop.signal),
  )
  const disturbing = Promise.all([
    every(options.killEveryMs, options.maxDisturbances, stop.signal, () => {
      writers[Math.floor(Math.random() * writers.length)]?.kill()
    }),
    every(options.outageEveryMs, options.maxDisturbances, stop.signal, () => proxy.outage(500)),
  ])
  const reading = readAllTheTime(client, bucket, options.reads, stop.signal)
  try {
    await Promise.all(writers.map(({ finished }) => finished))
    stop.abort()
    const [{ reads, badReads }] = await Promise.all([reading, disturbing])
    const ids = profilesOf(await readText(client, bucket)).map(({ smi_uid }) => smi_uid)
    const acknowledged = await readAcknowledged(folder, writers.length)
    const present = new Set(ids)
    return {
      seconds: (performance.now() - begin) / 1000,
      acknowledged: acknowledged.size,
      lost: [...acknowledged].filter((id) => !present.has(id)).length,
      doubled: ids.length - present.size,
      reads,
      badReads,
      kills: writers.reduce((sum, writer) => sum + writer.kills(), 0),
      faults: proxy.counts,
    }
  } finally {
    stop.abort()
    for (const writer of writers) writer.end()
    await proxy.close()
    await removeBucket(client, bucket)
    await rm(folder, { recursive: true })
  }
}

interface Writer {
  readonly finished: Promise<void>
  readonly kill: () => void
  readonly kills: () => number
  readonly end: () => void
}

/** A process that is started again whenever it dies, until it ends well. */
function startWriter(task: WriterTask, stop: AbortSignal): Writer {
  let child: ChildProcess | undefined
  let kills = 0
  const live = async () => {
    for (;;) {
      const args = ['--conditions=@mortise/source', WRITER, JSON.stringify(task)]
      child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
      const running = child
      const [code] = await new Promise<[number | null]>((resolve) => {
        running.on('exit', (code) => resolve([code]))
      })
      if (code === 0 || stop.aborted) return
      if (code !== null) throw new Error(`writer ${task.name} ended with code ${code}`)
    }
  }
  return {
    finished: live(),
    kill: () => {
      if (child?.kill('SIGKILL')) kills += 1
    },
    kills: () => kills,
    end: () => child?.kill('SIGKILL'),
  }
}

function taskOf(
  options: SoakOptions,
  where: { proxy: FaultProxy; bucket: string; folder: string; name: string },
): WriterTask {
  return {
    name: where.name,
    events: options.eventsEach,
    callers: options.callersEach,
    acknowledged: join(where.folder, where.name),
    delivery: options.delivery,
    now: Date.UTC(2026, 10, 21, 12),
    config: {
      aws_access_key_id: options.server.accessKeyId,
      aws_secret_access_key: options.server.secretAccessKey,
      s3_bucket: where.bucket,
      s3_endpoint: where.proxy.endpoint,
    },
  }
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

async function readAllTheTime(client: S3Client, bucket: string, wanted: number, stop: AbortSignal) {
  let before: { smi_uid: string }[] = []
  let [reads, badReads] = [0, 0]
  // The wanted number in any case: what is left when the writers are done is read at the end.
  while (reads < wanted) {
    const text = await readText(client, bucket)
    if (text !== undefined) {
      const now = profilesOf(text)
      const grown = before.every(({ smi_uid }, index) => now[index]?.smi_uid === smi_uid)
      if (!grown) badReads += 1
      before = now
      reads += 1
    }
    if (!stop.aborted) await sleep(PAUSE_BETWEEN_READS_MS)
  }
  return { reads, badReads }
}

const PAUSE_BETWEEN_READS_MS = 20

async function readText(client: S3Client, Bucket: string): Promise<string | undefined> {
  try {
    const found = await client.send(new GetObjectCommand({ Bucket, Key: KEY }))
    return await found.Body?.transformToString()
  } catch (error) {
    if ((error as Error).name === 'NoSuchKey') return undefined
    throw error
  }
}

function profilesOf(text: string | undefined): { smi_uid: string }[] {
  return (JSON.parse(text ?? '{"profiles":[]}') as { profiles: { smi_uid: string }[] }).profiles
}

async function readAcknowledged(folder: string, writers: number): Promise<Set<string>> {
  const files = Array.from({ length: writers }, (_, index) =>
    readFile(join(folder, `w${index}`), 'utf8'),
  )
  const lines = (await Promise.all(files)).flatMap((text) => text.split('\n'))
  return new Set(lines.filter((line) => line !== ''))
}

async function removeBucket(client: S3Client, Bucket: string): Promise<void> {
  for (;;) {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }))
    if (Contents.length === 0) break
    await Promise.all(
      Contents.map(({ Key }) => client.send(new DeleteObjectCommand({ Bucket, Key }))),
    )
  }
  await client.send(new DeleteBucketCommand({ Bucket }))
  client.destroy()
}
