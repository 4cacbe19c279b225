import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { createSignedUrlHandler, type StorageProvider } from '@mortise/files-remote'
import { createFsStorageProvider } from '@mortise/files-remote/fs'
import { createS3StorageProvider } from '@mortise/files-remote/s3'
import type { DemoConfig, S3Config } from './config.ts'
import type { DemoServer } from './server.ts'

/** A folder, or the S3 server of the configuration. The rest of the demo does not see the difference. */
export async function openStorage(
  config: DemoConfig,
  server: DemoServer,
): Promise<StorageProvider> {
  return config.s3 ? await openBucket(config.s3) : openFolder(config.folder, server)
}

/** A folder has no server of its own, so its signed links are answered by ours. */
function openFolder(folder: string, server: DemoServer): StorageProvider {
  const signedUrls = { baseUrl: `${server.url}/files`, secret: randomUUID() }
  const storage = createFsStorageProvider({ folder: join(folder, 'storage'), signedUrls })
  server.mount('files', createSignedUrlHandler(storage, signedUrls))
  return storage
}

async function openBucket(s3: S3Config): Promise<StorageProvider> {
  const { endpoint, region, bucket, accessKeyId, secretAccessKey } = s3
  const credentials = { accessKeyId, secretAccessKey }
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true })
  await client.send(new CreateBucketCommand({ Bucket: bucket })).catch((error: Error) => {
    if (!error.name.startsWith('BucketAlready')) throw error
  })
  return createS3StorageProvider({ bucket, client })
}
