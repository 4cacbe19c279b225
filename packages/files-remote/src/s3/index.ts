export { createS3StorageProviderFromEnv } from './s3-from-env.ts'
export { type RemoveLeftoverUploadsOptions, removeLeftoverUploads } from './s3-leftovers.ts'
export {
  DEFAULT_CONCURRENCY,
  DEFAULT_IDLE_TIMEOUT_MS,
  DEFAULT_PART_BYTES,
  type S3StorageProviderOptions,
} from './s3-options.ts'
export { createS3StorageProvider } from './s3-storage-provider.ts'
