import { GetObjectCommand } from '@aws-sdk/client-s3'
import { createS3SegmentTarget } from '@mortise/segments-uploader/s3'
import type { S3Server } from '../../../scripts/servers/s3-server.ts'
import { createTestBucket } from '../test/s3-bucket.ts'
import { startFaultProxy } from './fault-proxy.ts'
import type { FaultRates } from './faults.ts'
import type { SoakStore } from './soak-store.ts'

export interface S3StoreOptions {
  server: S3Server
  rates: FaultRates
  /** Kills the server and starts it again. Without it an outage cuts every connection for half a second. */
  killServer?: (() => Promise<void>) | undefined
  /** The bucket keeps old versions. */
  versioned?: boolean | undefined
}

const OUTAGE_MS = 500

/** A bucket of its own: writers reach it through a proxy that loses, refuses and denies; readers do not. */
export async function createS3Store(options: S3StoreOptions): Promise<SoakStore> {
  const { server, rates, killServer, versioned } = options
  const made = await createTestBucket(server, { config: { maxAttempts: 3 }, versioned })
  const { client, bucket: Bucket } = made
  const proxy = await startFaultProxy(server.endpoint, rates)
  let serverKills = 0
  return {
    access: {
      kind: 's3',
      config: {
        aws_access_key_id: server.accessKeyId,
        aws_secret_access_key: server.secretAccessKey,
        s3_bucket: Bucket,
        s3_endpoint: proxy.endpoint,
      },
    },
    target: createS3SegmentTarget({ client, bucket: Bucket }),
    read: async (Key) => {
      try {
        const found = await client.send(new GetObjectCommand({ Bucket, Key }))
        return await found.Body?.transformToString()
      } catch (error) {
        if ((error as Error).name === 'NoSuchKey') return undefined
        throw error
      }
    },
    outage: async () => {
      if (!killServer) return await proxy.outage(OUTAGE_MS)
      serverKills += 1
      await killServer()
    },
    faults: () => ({ serverKills, ...proxy.counts }),
    remove: async () => {
      await proxy.close()
      await made[Symbol.asyncDispose]()
    },
  }
}
