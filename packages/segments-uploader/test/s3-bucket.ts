import { randomUUID } from 'node:crypto'
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3'
import type { S3Server } from '../../../scripts/servers/s3-server.ts'

const SILENT = { trace: () => {}, debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** A client of the real server, for tests, benches and soaks: it tries once, without a word. */
export function connectTo(server: S3Server, config: S3ClientConfig = {}): S3Client {
  return new S3Client({
    region: server.region,
    endpoint: server.endpoint,
    forcePathStyle: true,
    credentials: server,
    maxAttempts: 1,
    logger: SILENT,
    ...config,
  })
}

export interface TestBucketOptions {
  readonly config?: S3ClientConfig | undefined
  /** It keeps old versions. */
  readonly versioned?: boolean | undefined
}

export interface TestBucket extends AsyncDisposable {
  readonly client: S3Client
  readonly bucket: string
  /** Removes all objects, also their old versions. */
  readonly clear: () => Promise<void>
}

/** A bucket of its own on the real server; emptied and removed at the end. */
export async function createTestBucket(
  server: S3Server,
  { config, versioned }: TestBucketOptions = {},
): Promise<TestBucket> {
  const client = connectTo(server, config)
  const Bucket = `segments-${randomUUID()}`
  await client.send(new CreateBucketCommand({ Bucket }))
  if (versioned) {
    const VersioningConfiguration = { Status: 'Enabled' } as const
    await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }))
  }
  const clear = () => emptyBucket(client, Bucket)
  return {
    client,
    bucket: Bucket,
    clear,
    [Symbol.asyncDispose]: async () => {
      await clear()
      await client.send(new DeleteBucketCommand({ Bucket }))
      client.destroy()
    },
  }
}

async function emptyBucket(client: S3Client, Bucket: string): Promise<void> {
  const listed = await client.send(new ListObjectVersionsCommand({ Bucket }))
  const versions = [...(listed.Versions ?? []), ...(listed.DeleteMarkers ?? [])]
  if (versions.length === 0) return
  await Promise.all(
    versions.map(({ Key, VersionId }) =>
      client.send(new DeleteObjectCommand({ Bucket, Key, VersionId })),
    ),
  )
  await emptyBucket(client, Bucket)
}
