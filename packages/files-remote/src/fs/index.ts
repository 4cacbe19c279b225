export { createFsStorageProvider, type FsStorageProviderOptions } from './fs-storage-provider.ts'
