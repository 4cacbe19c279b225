export {
  DEFAULT_EXPIRES_IN_SECONDS,
  MAX_EXPIRES_IN_SECONDS,
  MAX_METADATA_BYTES,
} from './check-request.ts'
export { downloadObject } from './download-object.ts'
export type { DownloadRequest, DownloadResult, TransferProgress } from './download-request.ts'
export type { ObjectMetadata, ObjectStat } from './object-stat.ts'
export { MAX_KEY_BYTES, parseKey } from './parse-key.ts'
export {
  createRemoteFiles,
  type DownloadFileRequest,
  type FileExistsRequest,
  type GetSignedUrlRequest,
  type RemoteFiles,
  type SignedFileUrl,
  type UploadRequest,
} from './remote-files.ts'
export type {
  SignedMethod,
  SignedUrl,
  SignGetRequest,
  SignPostRequest,
  SignPutRequest,
  SignRequest,
  SignUrlRequest,
} from './sign-request.ts'
export { createSignedUrlHandler } from './signed-url-handler.ts'
export { MIN_SECRET_BYTES, type SignedUrlOptions } from './signed-urls.ts'
export { type StorageErrorCode, storageError } from './storage-errors.ts'
export type {
  ByteRange,
  ComposePart,
  ComposeRequest,
  CopyRequest,
  DeleteRequest,
  GetRequest,
  GetResult,
  ListEntry,
  ListRequest,
  PutBody,
  PutRequest,
  PutResult,
  StatRequest,
  StorageCapabilities,
  StorageProvider,
} from './storage-provider.ts'
export {
  type ObservedCall,
  type ObserverOptions,
  type StorageObservation,
  withObserver,
} from './with-observer.ts'
export { withPrefix } from './with-prefix.ts'
export { withReadOnly } from './with-read-only.ts'
export { type RetryOptions, withRetry } from './with-retry.ts'
