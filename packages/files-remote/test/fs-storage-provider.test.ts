import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, it, vi } from 'vitest'
import { createFsStorageProvider } from '../src/fs/index.ts'
import { createSignedUrlHandler } from '../src/index.ts'
import { storageProviderContract } from '../src/testing/index.ts'

vi.setConfig({ testTimeout: 20_000 })

const folder = await mkdtemp(join(tmpdir(), 'mortise-fs-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

const signedUrls = { baseUrl: 'http://files.test/signed', secret: 'a secret of 24 characters' }
const provider = createFsStorageProvider({ folder, signedUrls })

describe('createFsStorageProvider', () => {
  const contract = storageProviderContract({
    create: () => provider,
    send: createSignedUrlHandler(provider, signedUrls),
  })
  for (const check of contract) it.concurrent(check.name, check.run)
})
