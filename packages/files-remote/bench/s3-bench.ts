import { randomBytes, randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3'

export const MIB = 1024 * 1024

export const credentials = {
  accessKeyId: process.env.S3_ACCESS_KEY_ID ?? 'test',
  secretAccessKey: process.env.S3_SECRET_ACCESS_KEY ?? 'testtest',
}

/** The server under test: a real one, such as `pnpm s3 up` starts. */
export const clientConfig = {
  endpoint: process.env.S3_ENDPOINT ?? 'http://127.0.0.1:9105',
  region: process.env.S3_REGION ?? 'us-east-1',
  forcePathStyle: true,
  credentials,
}

/** In memory where the system allows: the disk differs more from run to run than the clients do. */
const folder = process.env.BENCH_FOLDER ?? '/dev/shm'

const id = `bench-files-remote-${randomUUID().slice(0, 8)}`

export const bucket = process.env.BENCH_BUCKET ?? id

const janitor = new S3Client(clientConfig)

export function local(name: string): string {
  return join(folder, `${id}-${name}`)
}

/** Bytes that nothing on the way can compress. */
export async function makeFile(path: string, mebibytes: number): Promise<string> {
  const out = createWriteStream(path)
  for (let written = 0; written < mebibytes; written += 1) {
    if (!out.write(randomBytes(MIB)))
      await new Promise<void>((resolve) => out.once('drain', resolve))
  }
  await new Promise<void>((resolve) => out.end(resolve))
  return path
}

/** Runs with a bucket of its own; removes it and all local files afterwards, also when it is told to end. */
export async function withBucket(action: () => Promise<void>): Promise<void> {
  await janitor.send(new CreateBucketCommand({ Bucket: bucket }))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => clean().finally(() => process.exit(1)))
  }
  try {
    await action()
  } catch (error) {
    if (!isFull(error)) throw error
    console.error(
      'The S3 store is full (507 InsufficientCapacity). Ceph frees what was deleted only after two hours:\n' +
        'empty it with `pnpm s3 wipe` and `pnpm s3 up`, or name another server in S3_ENDPOINT.',
    )
    process.exitCode = 1
  } finally {
    await clean()
  }
}

async function clean(): Promise<void> {
  for await (const page of paginateListObjectsV2({ client: janitor }, { Bucket: bucket })) {
    for (const { Key = '' } of page.Contents ?? []) await remove(Key)
  }
  await janitor.send(new DeleteBucketCommand({ Bucket: bucket }))
  for (const name of await readdir(folder)) {
    if (name.startsWith(id)) await rm(join(folder, name), { force: true })
  }
}

/** Takes an object out of the way of what comes next. */
export async function remove(key: string): Promise<void> {
  await janitor.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }))
}

/** However a client says that the store has no room left. */
function isFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code, Code, cause } = error as { code?: string; Code?: string; cause?: unknown }
  const words = `${error.name} ${code} ${Code} ${error.message}`
  return /InsufficientCapacity|DISK_FULL|\b507\b/.test(words) || isFull(cause)
}

/** What an action takes: milliseconds on the clock, and of processor time in this process, kernel included. */
export interface Cost {
  readonly wall: () => Promise<number>
  /** Of the same runs as `wall`, where that was asked before: what moves gigabytes need not do so twice. */
  readonly processor: () => Promise<number>
}

export function costOf(action: () => Promise<unknown>, afterwards?: () => Promise<void>): Cost {
  const processors: number[] = []
  const run = async () => {
    const since = performance.now()
    const processorSince = process.cpuUsage()
    await action()
    const { user, system } = process.cpuUsage(processorSince)
    const wall = performance.now() - since
    processors.push((user + system) / 1000)
    await afterwards?.()
    return wall
  }
  const processor = async () => {
    if (processors.length === 0) await run()
    return processors.shift() as number
  }
  return { wall: run, processor }
}

/** Runs an action for every number below `count`, so many at once. */
export async function many(
  count: number,
  atOnce: number,
  action: (index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0
  const worker = async () => {
    while (next < count) await action(next++)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}
