import { afterAll, beforeAll, inject, it, vi } from 'vitest'
import { describeWithS3 } from '../../../scripts/vitest/servers.ts'
import { createS3StorageProvider } from '../src/s3/index.ts'
import { storageProviderContract } from '../src/testing/index.ts'
import { makeBucket } from './s3-harness.ts'

vi.setConfig({ testTimeout: 20_000 })

describeWithS3('createS3StorageProvider', () => {
  let bucket: Awaited<ReturnType<typeof makeBucket>>
  beforeAll(async () => {
    const server = inject('s3')
    if (!server) throw new Error('no S3 server')
    bucket = await makeBucket(server)
  })
  afterAll(() => bucket.remove())

  const create = () =>
    createS3StorageProvider({
      bucket: bucket.name,
      client: bucket.client,
      conditionalDeletes: true,
    })
  for (const check of storageProviderContract({ create })) it.concurrent(check.name, check.run)
})
