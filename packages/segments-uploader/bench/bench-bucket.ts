import { randomUUID } from 'node:crypto'
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { findS3Server } from '../../../scripts/servers/s3-server.ts'

/** A bucket on the real server, and a count of what goes over the wire to it. */
export interface BenchBucket {
  readonly client: S3Client
  readonly bucket: string
  /** Bytes of bodies in both directions and requests, since the last reset. */
  readonly traffic: { bytes: number; requests: number }
  readonly fill: (key: string, profiles: number) => Promise<void>
  readonly clear: () => Promise<void>
  readonly remove: () => Promise<void>
}

interface Headers {
  headers: Record<string, string>
}

export async function createBenchBucket(): Promise<BenchBucket> {
  const server = await findS3Server()
  if (!server) throw new Error('No S3 server: `pnpm s3 up` starts one')
  const traffic = { bytes: 0, requests: 0 }
  const handler = new NodeHttpHandler()
  const count = ({ headers }: Headers) => {
    traffic.bytes += Number(headers['content-length'] ?? 0)
  }
  const client = new S3Client({
    region: server.region,
    endpoint: server.endpoint,
    forcePathStyle: true,
    credentials: server,
    maxAttempts: 1,
    requestHandler: {
      handle: async (...received: Parameters<NodeHttpHandler['handle']>) => {
        traffic.requests += 1
        count(received[0])
        const answer = await handler.handle(...received)
        count(answer.response)
        return answer
      },
    },
  })
  const bucket = `segments-bench-${randomUUID()}`
  await client.send(new CreateBucketCommand({ Bucket: bucket }))
  const clear = async () => {
    for (;;) {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }))
      if (Contents.length === 0) return
      await Promise.all(
        Contents.map(({ Key }) => client.send(new DeleteObjectCommand({ Bucket: bucket, Key }))),
      )
    }
  }
  return {
    client,
    bucket,
    traffic,
    fill: async (key, profiles) => {
      const Body = JSON.stringify({
        profiles: Array.from({ length: profiles }, (_, n) => profileOf(n)),
      })
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body }))
    },
    clear,
    remove: async () => {
      await clear()
      await client.send(new DeleteBucketCommand({ Bucket: bucket }))
      client.destroy()
    },
  }
}

const SEGMENTS = ['newsletter', 'returning', 'region-eu', 'high-value', 'mobile-app']
/** Spreads numbers over 32 bits, so that neighbours do not look alike to a compressor. */
const SPREAD = 2_654_435_761

/** 119 bytes in the file. */
export function profileOf(number: number): { smi_uid: string; segments: string[] } {
  const first = number % SEGMENTS.length
  return {
    smi_uid: `user-${String((number * SPREAD) % 2 ** 32).padStart(10, '0')}`,
    segments: [...SEGMENTS.slice(first), ...SEGMENTS.slice(0, first)],
  }
}
