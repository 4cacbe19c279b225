import { DeleteBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { createS3StorageProvider } from '@mortise/files-remote/s3'
import type { S3Config } from '../config.ts'

/** Deletes a bucket with everything in it. */
export async function removeBucket({ bucket, ...server }: S3Config): Promise<void> {
  const { accessKeyId, secretAccessKey, endpoint, region } = server
  const credentials = { accessKeyId, secretAccessKey }
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true })
  const storage = createS3StorageProvider({ bucket, client })
  for await (const entry of storage.list()) {
    if (entry.kind === 'object') await storage.delete({ key: entry.key })
  }
  await client.send(new DeleteBucketCommand({ Bucket: bucket }))
  client.destroy()
}
