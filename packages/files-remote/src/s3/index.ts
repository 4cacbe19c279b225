export { createS3StorageProviderFromEnv } from './s3-from-env.ts'
export {
  createS3StorageProvider,
  DEFAULT_CONCURRENCY,
  DEFAULT_PART_BYTES,
  type S3StorageProviderOptions,
} from './s3-storage-provider.ts'
