import { storageProviderContract } from '@mortise/files-remote/testing'
import { describe, it } from 'vitest'
import { createSqliteStorageProvider } from '../examples/sqlite-storage-provider.ts'

describe('the storage provider of the guide', () => {
  const create = () => createSqliteStorageProvider(':memory:')
  for (const check of storageProviderContract({ create })) it(check.name, check.run)
})
