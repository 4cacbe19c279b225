import { describe, it } from 'vitest'
import { createMemoryStorageProvider } from '../src/memory/index.ts'
import { storageProviderContract } from '../src/testing/index.ts'

describe('createMemoryStorageProvider', () => {
  for (const check of storageProviderContract({ create: () => createMemoryStorageProvider() })) {
    it(check.name, check.run)
  }
})
