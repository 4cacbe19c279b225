import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, it } from 'vitest'
import { createFsStorageProvider } from '../src/fs/index.ts'
import { storageProviderContract } from '../src/testing/index.ts'

const folder = await mkdtemp(join(tmpdir(), 'mortise-fs-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('createFsStorageProvider', () => {
  for (const check of storageProviderContract({
    create: () => createFsStorageProvider({ folder }),
  })) {
    it(check.name, check.run)
  }
})
