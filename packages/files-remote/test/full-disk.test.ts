import { join } from 'node:path'
import { expect, inject } from 'vitest'
import { itWithSmallDisk, smallDisk } from '../../../scripts/vitest/small-disk.ts'
import { createS3StorageProvider } from '../src/s3/index.ts'
import { clientConfig, makeBucket } from './s3-harness.ts'

itWithSmallDisk(
  'a disk that fills up is FILES_REMOTE_DISK_FULL, and nothing is left on it',
  async () => {
    await using disk = await smallDisk(1)
    const server = inject('s3')
    const bucket = server && (await makeBucket(server))
    const s3 = bucket && { bucket: bucket.name, clientConfig: clientConfig(server), key: 'large' }
    try {
      if (s3)
        await createS3StorageProvider(s3).put({ key: 'large', body: new Uint8Array(20_000_000) })
      const script = join(import.meta.dirname, 'children', 'full-disk.ts')
      const node = [process.execPath, '--conditions=@mortise/source', script]
      const told = await disk.run([...node, JSON.stringify({ folder: disk.path, s3 })])
      expect(JSON.parse(told)).toEqual({
        generic: 'FILES_REMOTE_DISK_FULL',
        s3: 'FILES_REMOTE_DISK_FULL',
        left: [],
        fs: 'FILES_REMOTE_DISK_FULL',
        temporary: [],
      })
    } finally {
      await bucket?.remove()
    }
  },
  30_000,
)
