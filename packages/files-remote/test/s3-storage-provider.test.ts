import { ListObjectVersionsCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest'
import { describeWithS3 } from '../../../scripts/vitest/servers.ts'
import type { PutResult } from '../src/index.ts'
import { createS3StorageProvider } from '../src/s3/index.ts'
import { bytes, patterned } from '../src/testing/contract-kit.ts'
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

  it('tells the version of everything that it writes to a bucket that keeps old ones', async () => {
    const { name, client, remove } = await makeBucket(server, { versioned: true })
    const files = createS3StorageProvider({
      bucket: name,
      clientConfig: clientConfig(server),
      partBytes: 5 * 1024 * 1024,
    })
    const large = patterned(6 * 1024 * 1024)
    const bodies = [bytes('first'), bytes('like the first'), large]
    const writes: PutResult[] = []
    for (const body of bodies) writes.push(await files.put({ key: 'a', body }))
    writes.push(await files.compose({ key: 'a', parts: [{ key: 'a' }, { body: bytes('more') }] }))
    const { Versions = [] } = await client.send(new ListObjectVersionsCommand({ Bucket: name }))
    expect(writes.map(({ versionId }) => versionId).reverse()).toEqual(
      Versions.map(({ VersionId }) => VersionId),
    )
    await remove()
  })
})
