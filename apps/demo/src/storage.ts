import { join } from 'node:path'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import type { SignedUrlOptions, StorageProvider } from '@mortise/files-remote'
import { createFsStorageProvider } from '@mortise/files-remote/fs'
import { createS3StorageProvider } from '@mortise/files-remote/s3'
import type { DemoConfig, S3Config } from './config.ts'
import { reach } from './reach.ts'

/** Where signed links of a folder lead to, and what signs them. S3 needs neither. */
export type FileLinks = Pick<SignedUrlOptions, 'baseUrl' | 'secret'>

const S3_VARIABLES = ['S3_ENDPOINT', 'S3_BUCKET', 'S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY']

/** A folder, or the S3 server of the configuration. The rest of the demo does not see the difference. */
export async function openStorage(config: DemoConfig, links: FileLinks): Promise<StorageProvider> {
  if (config.s3) return await openBucket(config.s3)
  return createFsStorageProvider({ folder: join(config.folder, 'storage'), signedUrls: links })
}

async function openBucket(s3: S3Config): Promise<StorageProvider> {
  const { endpoint, region, bucket, accessKeyId, secretAccessKey } = s3
  const credentials = { accessKeyId, secretAccessKey }
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true })
  await reach({ what: 'S3', address: endpoint, variables: S3_VARIABLES }, async () => {
    await client.send(new CreateBucketCommand({ Bucket: bucket })).catch((error: Error) => {
      if (!error.name.startsWith('BucketAlready')) throw error
    })
  })
  return createS3StorageProvider({ bucket, client })
}
