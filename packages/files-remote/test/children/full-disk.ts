import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createFsStorageProvider } from '../../src/fs/index.ts'
import { downloadObject } from '../../src/index.ts'
import { createMemoryStorageProvider } from '../../src/memory/index.ts'
import { createS3StorageProvider } from '../../src/s3/index.ts'

// Fills a folder that has room for 1 MiB, in three ways, and tells with which code each failed and what is left.
const { folder, s3 } = JSON.parse(process.argv[2] ?? '{}')
const large = new Uint8Array(3_000_000)
const memory = createMemoryStorageProvider()
await memory.put({ key: 'large', body: large })
const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'none',
    (error: { code?: string }) => error.code,
  )
const result = {
  generic: await codeOf(downloadObject(memory, { key: 'large', path: join(folder, 'a') })),
  s3: s3
    ? await codeOf(
        downloadObject(createS3StorageProvider(s3), { key: s3.key, path: join(folder, 'b') }),
      )
    : 'FILES_REMOTE_DISK_FULL',
  left: await readdir(folder),
  fs: await codeOf(
    createFsStorageProvider({ folder: join(folder, 'fs') }).put({ key: 'large', body: large }),
  ),
  temporary: await readdir(join(folder, 'fs', 'temporary')),
}
console.log(JSON.stringify(result))
