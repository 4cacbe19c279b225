import { PutObjectCommand } from '@aws-sdk/client-s3'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { findS3Server } from '../../../scripts/servers/s3-server.ts'
import { createTestBucket, type TestBucket } from '../test/s3-bucket.ts'

/** A bucket on the real server, and a count of what goes over the wire to it. */
export interface BenchBucket extends TestBucket {
  /** Bytes of bodies in both directions and requests, since the last reset. */
  readonly traffic: { bytes: number; requests: number }
  readonly fill: (key: string, profiles: number) => Promise<void>
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
  const requestHandler = {
    handle: async (...received: Parameters<NodeHttpHandler['handle']>) => {
      traffic.requests += 1
      count(received[0])
      const answer = await handler.handle(...received)
      count(answer.response)
      return answer
    },
  }
  const made = await createTestBucket(server, { config: { requestHandler } })
  return {
    ...made,
    traffic,
    fill: async (Key, profiles) => {
      const Body = JSON.stringify({
        profiles: Array.from({ length: profiles }, (_, n) => profileOf(n)),
      })
      await made.client.send(new PutObjectCommand({ Bucket: made.bucket, Key, Body }))
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
