import {
  AuthError,
  type ErrorDetails,
  IntegrationError,
  type IntegrationErrorOptions,
  PermanentError,
  RateLimitError,
  TransientError,
} from '@mortise/errors'

/** The codes of this package. */
export type StorageErrorCode =
  | 'FILES_REMOTE_KEY_INVALID'
  | 'FILES_REMOTE_OBJECT_NOT_FOUND'
  | 'FILES_REMOTE_BUCKET_NOT_FOUND'
  | 'FILES_REMOTE_PRECONDITION_FAILED'
  | 'FILES_REMOTE_NOT_MODIFIED'
  | 'FILES_REMOTE_RANGE_INVALID'
  | 'FILES_REMOTE_SIZE_LIMIT_EXCEEDED'
  | 'FILES_REMOTE_SIZE_MISMATCH'
  | 'FILES_REMOTE_BODY_FAILED'
  | 'FILES_REMOTE_LOCAL_FILE_FAILED'
  | 'FILES_REMOTE_UNSUPPORTED'
  | 'FILES_REMOTE_READ_ONLY'
  | 'FILES_REMOTE_REJECTED'
  | 'FILES_REMOTE_REGION_WRONG'
  | 'FILES_REMOTE_CLOCK_SKEWED'
  | 'FILES_REMOTE_CREDENTIAL_INVALID'
  | 'FILES_REMOTE_PERMISSION_DENIED'
  | 'FILES_REMOTE_RATE_LIMITED'
  | 'FILES_REMOTE_ABORTED'
  | 'FILES_REMOTE_CHECKSUM_MISMATCH'
  | 'FILES_REMOTE_BODY_TRUNCATED'
  | 'FILES_REMOTE_DISK_FULL'
  | 'FILES_REMOTE_LOCKED'
  | 'FILES_REMOTE_NETWORK'
  | 'FILES_REMOTE_TIMEOUT'
  | 'FILES_REMOTE_UNAVAILABLE'

type ErrorClass =
  | typeof AuthError
  | typeof PermanentError
  | typeof RateLimitError
  | typeof TransientError

/** Who must act on each code; the README prints the same table. */
const CLASSES: Readonly<Record<StorageErrorCode, ErrorClass>> = {
  FILES_REMOTE_KEY_INVALID: PermanentError,
  FILES_REMOTE_OBJECT_NOT_FOUND: PermanentError,
  FILES_REMOTE_BUCKET_NOT_FOUND: PermanentError,
  FILES_REMOTE_PRECONDITION_FAILED: PermanentError,
  FILES_REMOTE_NOT_MODIFIED: PermanentError,
  FILES_REMOTE_RANGE_INVALID: PermanentError,
  FILES_REMOTE_SIZE_LIMIT_EXCEEDED: PermanentError,
  FILES_REMOTE_SIZE_MISMATCH: PermanentError,
  FILES_REMOTE_BODY_FAILED: PermanentError,
  FILES_REMOTE_LOCAL_FILE_FAILED: PermanentError,
  FILES_REMOTE_UNSUPPORTED: PermanentError,
  FILES_REMOTE_READ_ONLY: PermanentError,
  FILES_REMOTE_REJECTED: PermanentError,
  FILES_REMOTE_REGION_WRONG: PermanentError,
  FILES_REMOTE_CLOCK_SKEWED: PermanentError,
  FILES_REMOTE_CREDENTIAL_INVALID: AuthError,
  FILES_REMOTE_PERMISSION_DENIED: AuthError,
  FILES_REMOTE_RATE_LIMITED: RateLimitError,
  FILES_REMOTE_ABORTED: TransientError,
  FILES_REMOTE_CHECKSUM_MISMATCH: TransientError,
  FILES_REMOTE_BODY_TRUNCATED: TransientError,
  FILES_REMOTE_DISK_FULL: TransientError,
  FILES_REMOTE_LOCKED: TransientError,
  FILES_REMOTE_NETWORK: TransientError,
  FILES_REMOTE_TIMEOUT: TransientError,
  FILES_REMOTE_UNAVAILABLE: TransientError,
}

/** An error of this package, with the class that its code stands for. For adapters. */
export function storageError(
  code: StorageErrorCode,
  message: string,
  options: Omit<IntegrationErrorOptions, 'code'> = {},
): IntegrationError {
  return new CLASSES[code](message, { ...options, code })
}

/** The error of a key that holds no object. */
export function objectNotFound(
  key: string,
  options: IntegrationErrorOptions = {},
): IntegrationError {
  return storageError(
    'FILES_REMOTE_OBJECT_NOT_FOUND',
    `There is no object under the key "${key}".`,
    {
      status: 404,
      ...options,
      details: { key },
    },
  )
}

/** The error of a condition that does not hold. */
export function preconditionFailed(
  key: string,
  options: IntegrationErrorOptions = {},
): IntegrationError {
  const message = `The object under the key "${key}" is not in the state that ifMatch or ifNoneMatch asked for. Read it again and decide anew.`
  return storageError('FILES_REMOTE_PRECONDITION_FAILED', message, {
    status: 412,
    outcome: 'rejected',
    ...options,
    details: { key },
  })
}

/** The error of a read whose `ifNoneMatch` names the version that still stands. */
export function notModified(key: string, options: IntegrationErrorOptions = {}): IntegrationError {
  const message = `The object under the key "${key}" still is the version that ifNoneMatch named.`
  return storageError('FILES_REMOTE_NOT_MODIFIED', message, {
    status: 304,
    ...options,
    details: { key },
  })
}

/** The error of a call that a provider does not offer. */
export function unsupported(call: string, why: string): IntegrationError {
  return storageError('FILES_REMOTE_UNSUPPORTED', `This provider does not support ${call}: ${why}`)
}

/** Throws the error of an aborted call if the signal has fired. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw aborted(signal)
}

/** The error of an aborted call, with the signal's reason as its cause. */
export function aborted(signal: AbortSignal | undefined, details?: ErrorDetails): IntegrationError {
  return storageError('FILES_REMOTE_ABORTED', 'The call was aborted.', {
    cause: signal?.reason,
    details,
  })
}

/** Whether an error is of this package and has this code. */
export function hasCode(error: unknown, code: StorageErrorCode): error is IntegrationError {
  return error instanceof IntegrationError && error.code === code
}
