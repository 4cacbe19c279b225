import { randomUUID } from 'node:crypto'
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import type { S3Server } from '../../../scripts/servers/s3-server.ts'

const SILENT = { trace: () => {}, debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

export interface TestBucket extends AsyncDisposable {
  readonly client: S3Client
  readonly bucket: string
}

/** A bucket of its own on the real server; emptied and removed at the end. */
export async function createTestBucket(server: S3Server): Promise<TestBucket> {
  const client = new S3Client({
    region: server.region,
    endpoint: server.endpoint,
    forcePathStyle: true,
    credentials: server,
    maxAttempts: 1,
    logger: SILENT,
  })
  const bucket = `segments-${randomUUID()}`
  await client.send(new CreateBucketCommand({ Bucket: bucket }))
  return {
    client,
    bucket,
    [Symbol.asyncDispose]: async () => {
      await emptyBucket(client, bucket)
      await client.send(new DeleteBucketCommand({ Bucket: bucket }))
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
