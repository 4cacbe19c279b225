import { afterAll, beforeAll, inject, it, vi } from 'vitest'
import { describeWithS3 } from '../../../scripts/vitest/servers.ts'
import { createS3StorageProvider } from '../src/s3/index.ts'
import { storageProviderContract } from '../src/testing/index.ts'
import { clientConfig, makeBucket, type S3Server } from './s3-harness.ts'

vi.setConfig({ testTimeout: 20_000 })

describeWithS3('createS3StorageProvider', () => {
  const server = inject('s3') as S3Server
  let bucket: Awaited<ReturnType<typeof makeBucket>>
  beforeAll(async () => {
    bucket = await makeBucket(server)
  })
  afterAll(() => bucket.remove())

  const create = () =>
    createS3StorageProvider({
      bucket: bucket.name,
      clientConfig: clientConfig(server),
      conditionalDeletes: true,
    })
  for (const check of storageProviderContract({ create })) it.concurrent(check.name, check.run)
})
