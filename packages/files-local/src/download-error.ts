import { type IntegrationErrorOptions, PermanentError, TransientError } from '@mortise/errors'

/** What failed, for machines. The README lists each code with its kind and what to do. */
export type DownloadErrorCode =
  | 'FILES_LOCAL_TARGET_UNWRITABLE'
  | 'FILES_LOCAL_TARGET_EXISTS'
  | 'FILES_LOCAL_URL_REFUSED'
  | 'FILES_LOCAL_ADDRESS_REFUSED'
  | 'FILES_LOCAL_REDIRECT_REFUSED'
  | 'FILES_LOCAL_CONNECTION_FAILED'
  | 'FILES_LOCAL_CERTIFICATE_REFUSED'
  | 'FILES_LOCAL_PROTOCOL_VIOLATED'
  | 'FILES_LOCAL_STATUS_REFUSED'
  | 'FILES_LOCAL_TIMED_OUT'
  | 'FILES_LOCAL_ABORTED'
  | 'FILES_LOCAL_BODY_INCOMPLETE'
  | 'FILES_LOCAL_BODY_CORRUPT'
  | 'FILES_LOCAL_SOURCE_CHANGED'
  | 'FILES_LOCAL_SIZE_EXCEEDED'
  | 'FILES_LOCAL_RATIO_EXCEEDED'
  | 'FILES_LOCAL_ENCODING_UNSUPPORTED'
  | 'FILES_LOCAL_DIGEST_MISMATCHED'
  | 'FILES_LOCAL_DISK_FULL'
  | 'FILES_LOCAL_WRITE_FAILED'
  | 'FILES_LOCAL_CALLBACK_FAILED'

/** How far a download was: before any request, before the body, or in it. It stands in `error.details.phase`. */
export type DownloadPhase = 'target' | 'request' | 'body'

export interface DownloadErrorOptions extends IntegrationErrorOptions {
  code: DownloadErrorCode
}

/** An error that only the caller's own change can heal. */
export function permanent(message: string, options: DownloadErrorOptions): PermanentError {
  return new PermanentError(message, options)
}

/** An error that another try may heal. */
export function transient(message: string, options: DownloadErrorOptions): TransientError {
  return new TransientError(message, options)
}
