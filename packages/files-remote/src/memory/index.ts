export {
  createMemoryStorageProvider,
  type MemoryStorageProviderOptions,
} from './memory-storage-provider.ts'
