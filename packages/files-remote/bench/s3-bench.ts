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

/** Runs with a bucket of its own; removes it and all local files afterwards. */
export async function withBucket(action: () => Promise<void>): Promise<void> {
  const client = new S3Client(clientConfig)
  await client.send(new CreateBucketCommand({ Bucket: bucket }))
  try {
    await action()
  } finally {
    for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket })) {
      for (const { Key } of page.Contents ?? []) {
        await client.send(new DeleteObjectCommand({ Bucket: bucket, Key }))
      }
    }
    await client.send(new DeleteBucketCommand({ Bucket: bucket }))
    for (const name of await readdir(folder)) {
      if (name.startsWith(id)) await rm(join(folder, name))
    }
  }
}

/** Milliseconds that an action takes. */
export function wall(action: () => Promise<unknown>): () => Promise<number> {
  return async () => {
    const since = performance.now()
    await action()
    return performance.now() - since
  }
}

/** Milliseconds of processor time that an action takes in this process, kernel included. */
export function processor(action: () => Promise<unknown>): () => Promise<number> {
  return async () => {
    const since = process.cpuUsage()
    await action()
    const { user, system } = process.cpuUsage(since)
    return (user + system) / 1000
  }
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
