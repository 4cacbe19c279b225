import { describe, expect, it } from 'vitest'
import { createSignedUrlHandler } from '../src/index.ts'
import { createMemoryStorageProvider } from '../src/memory/index.ts'
import { storageProviderContract } from '../src/testing/index.ts'

const signedUrls = { baseUrl: 'http://files.test/signed', secret: 'a secret of 24 characters' }
const provider = createMemoryStorageProvider({ signedUrls })

describe('createMemoryStorageProvider', () => {
  const contract = storageProviderContract({
    create: () => provider,
    send: createSignedUrlHandler(provider, signedUrls),
  })
  for (const check of contract) it.concurrent(check.name, check.run)

  it('a write beyond maxBytes rejects and keeps what is there', async () => {
    const small = createMemoryStorageProvider({ maxBytes: 10 })
    await small.put({ key: 'a', body: new Uint8Array(8) })
    await expect(small.put({ key: 'b', body: new Uint8Array(3) })).rejects.toMatchObject({
      code: 'FILES_REMOTE_DISK_FULL',
    })
    await small.put({ key: 'a', body: new Uint8Array(10) })
    await small.delete({ key: 'a' })
    await small.put({ key: 'b', body: new Uint8Array(10) })
  })
})

describe('createMemoryStorageProvider without signedUrls', () => {
  const contract = storageProviderContract({ create: () => createMemoryStorageProvider() })
  for (const check of contract.filter(({ name }) => name.includes('signed')))
    it(check.name, check.run)
})
