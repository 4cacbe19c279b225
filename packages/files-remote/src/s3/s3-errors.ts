import { IntegrationError, type IntegrationErrorOptions } from '@mortise/errors'
import {
  aborted,
  objectNotFound,
  preconditionFailed,
  type StorageErrorCode,
  storageError,
} from '../storage-errors.ts'

/**
 * What S3 and its kin call a failure, and what we call it. A name wins over a status.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
const BY_NAME: Readonly<Record<string, StorageErrorCode>> = {
  NoSuchKey: 'FILES_REMOTE_OBJECT_NOT_FOUND',
  NoSuchBucket: 'FILES_REMOTE_BUCKET_NOT_FOUND',
  PreconditionFailed: 'FILES_REMOTE_PRECONDITION_FAILED',
  ConditionalRequestConflict: 'FILES_REMOTE_PRECONDITION_FAILED',
  ConcurrentModification: 'FILES_REMOTE_PRECONDITION_FAILED',
  NotModified: 'FILES_REMOTE_NOT_MODIFIED',
  InvalidRange: 'FILES_REMOTE_RANGE_INVALID',
  BadDigest: 'FILES_REMOTE_CHECKSUM_MISMATCH',
  InvalidDigest: 'FILES_REMOTE_CHECKSUM_MISMATCH',
  XAmzContentSHA256Mismatch: 'FILES_REMOTE_CHECKSUM_MISMATCH',
  XAmzContentChecksumMismatch: 'FILES_REMOTE_CHECKSUM_MISMATCH',
  // The parts are gone: completed by a try whose answer was lost, or removed as a leftover.
  NoSuchUpload: 'FILES_REMOTE_UNAVAILABLE',
  IncompleteBody: 'FILES_REMOTE_BODY_TRUNCATED',
  AccessDenied: 'FILES_REMOTE_PERMISSION_DENIED',
  AllAccessDisabled: 'FILES_REMOTE_PERMISSION_DENIED',
  InvalidAccessKeyId: 'FILES_REMOTE_CREDENTIAL_INVALID',
  SignatureDoesNotMatch: 'FILES_REMOTE_CREDENTIAL_INVALID',
  ExpiredToken: 'FILES_REMOTE_CREDENTIAL_INVALID',
  ExpiredTokenException: 'FILES_REMOTE_CREDENTIAL_INVALID',
  InvalidToken: 'FILES_REMOTE_CREDENTIAL_INVALID',
  TokenRefreshRequired: 'FILES_REMOTE_CREDENTIAL_INVALID',
  CredentialsProviderError: 'FILES_REMOTE_CREDENTIAL_INVALID',
  PermanentRedirect: 'FILES_REMOTE_REGION_WRONG',
  AuthorizationHeaderMalformed: 'FILES_REMOTE_REGION_WRONG',
  IllegalLocationConstraintException: 'FILES_REMOTE_REGION_WRONG',
  RequestTimeTooSkewed: 'FILES_REMOTE_CLOCK_SKEWED',
  SlowDown: 'FILES_REMOTE_RATE_LIMITED',
  TooManyRequests: 'FILES_REMOTE_RATE_LIMITED',
  ThrottlingException: 'FILES_REMOTE_RATE_LIMITED',
  RequestLimitExceeded: 'FILES_REMOTE_RATE_LIMITED',
  QuotaExceeded: 'FILES_REMOTE_DISK_FULL',
  InsufficientCapacity: 'FILES_REMOTE_DISK_FULL',
  EntityTooLarge: 'FILES_REMOTE_SIZE_LIMIT_EXCEEDED',
  NotImplemented: 'FILES_REMOTE_UNSUPPORTED',
  RequestTimeout: 'FILES_REMOTE_TIMEOUT',
  TimeoutError: 'FILES_REMOTE_TIMEOUT',
  AbortError: 'FILES_REMOTE_ABORTED',
}

/** For answers without a name that says more: those to HEAD have no body to carry one. */
const BY_STATUS: Readonly<Record<number, StorageErrorCode>> = {
  301: 'FILES_REMOTE_REGION_WRONG',
  304: 'FILES_REMOTE_NOT_MODIFIED',
  307: 'FILES_REMOTE_REGION_WRONG',
  401: 'FILES_REMOTE_CREDENTIAL_INVALID',
  403: 'FILES_REMOTE_PERMISSION_DENIED',
  404: 'FILES_REMOTE_OBJECT_NOT_FOUND',
  408: 'FILES_REMOTE_TIMEOUT',
  409: 'FILES_REMOTE_PRECONDITION_FAILED',
  412: 'FILES_REMOTE_PRECONDITION_FAILED',
  416: 'FILES_REMOTE_RANGE_INVALID',
  429: 'FILES_REMOTE_RATE_LIMITED',
  501: 'FILES_REMOTE_UNSUPPORTED',
  507: 'FILES_REMOTE_DISK_FULL',
}

/** Failures below HTTP: nobody knows whether the other side has acted. */
const BY_SYSTEM_CODE: Readonly<Record<string, StorageErrorCode>> = {
  ECONNREFUSED: 'FILES_REMOTE_NETWORK',
  ECONNRESET: 'FILES_REMOTE_NETWORK',
  ENOTFOUND: 'FILES_REMOTE_NETWORK',
  EAI_AGAIN: 'FILES_REMOTE_NETWORK',
  EPIPE: 'FILES_REMOTE_NETWORK',
  EHOSTUNREACH: 'FILES_REMOTE_NETWORK',
  ENETUNREACH: 'FILES_REMOTE_NETWORK',
  ETIMEDOUT: 'FILES_REMOTE_TIMEOUT',
}

export interface S3ErrorContext {
  readonly key: string
  readonly bucket: string
  /** What S3 calls the call, such as `HeadObject`: permissions are named after it. */
  readonly operation?: string | undefined
  readonly signal?: AbortSignal | undefined
  /** Whether the call writes: then a failure without an answer leaves the outcome unknown. */
  readonly writes?: boolean | undefined
  /** Whether the call carries a condition: then an absent object is a condition that does not hold. */
  readonly conditional?: boolean | undefined
}

/** Maps whatever the SDK threw to one of our errors; nothing foreign leaves the adapter. Never throws. */
export function fromS3Error(error: unknown, context: S3ErrorContext): IntegrationError {
  if (error instanceof IntegrationError) return error
  const facts = factsOf(error)
  const { key, bucket } = context
  const options = optionsOf(error, facts, context)
  const code = codeOf(facts, context)
  switch (code) {
    case 'FILES_REMOTE_ABORTED':
      return aborted(context.signal, { key })
    case 'FILES_REMOTE_OBJECT_NOT_FOUND':
      return context.conditional && context.writes
        ? preconditionFailed(key, options)
        : objectNotFound(key, options)
    case 'FILES_REMOTE_PRECONDITION_FAILED':
      return preconditionFailed(key, options)
    default:
      return storageError(code, messageOf(code, facts, context), {
        ...options,
        details: {
          key,
          bucket,
          ...(context.operation !== undefined && { operation: context.operation }),
          ...(facts.name !== undefined && { s3Code: facts.name }),
        },
      })
  }
}

/** What it means and what to do, then what was asked and answered: nobody need unpack the cause. */
function messageOf(code: StorageErrorCode, facts: Facts, context: S3ErrorContext): string {
  const { operation, key, bucket } = context
  const said = facts.status === undefined ? (facts.system ?? facts.name) : facts.name
  const answer = [facts.status, said].filter((word) => word !== undefined).join(' ')
  const evidence = [operation, key && `key "${key}"`, `bucket "${bucket}"`, answer]
  const meaning = MESSAGES[code] ?? 'The storage refused the call.'
  return `${meaning} (${evidence.filter(Boolean).join(', ')})`
}

const MESSAGES: Partial<Record<StorageErrorCode, string>> = {
  FILES_REMOTE_BUCKET_NOT_FOUND: 'The bucket does not exist. Check its name and region.',
  FILES_REMOTE_NOT_MODIFIED: 'The object still is the version that ifNoneMatch named.',
  FILES_REMOTE_RANGE_INVALID: 'The range begins at or behind the end of the object.',
  FILES_REMOTE_CHECKSUM_MISMATCH: 'The bytes changed on their way to the storage.',
  FILES_REMOTE_BODY_TRUNCATED: 'The body ended early on its way to the storage.',
  FILES_REMOTE_PERMISSION_DENIED:
    'Access denied: the credentials may not do this. Grant them the permission.',
  FILES_REMOTE_CREDENTIAL_INVALID: 'The storage does not accept the credentials. Replace them.',
  FILES_REMOTE_REGION_WRONG: 'The bucket is in another region. Set its region.',
  FILES_REMOTE_CLOCK_SKEWED: 'The clock of this machine is wrong. Set it.',
  FILES_REMOTE_RATE_LIMITED: 'The storage asks to slow down.',
  FILES_REMOTE_DISK_FULL: 'The storage is full, or its quota is used up. Make room in it.',
  FILES_REMOTE_SIZE_LIMIT_EXCEEDED: 'The object is larger than the storage accepts.',
  FILES_REMOTE_UNSUPPORTED: 'The storage does not know this call.',
  FILES_REMOTE_TIMEOUT: 'The storage did not answer in time.',
  FILES_REMOTE_NETWORK: 'The connection to the storage failed.',
  FILES_REMOTE_UNAVAILABLE: 'The storage is not available.',
}

interface Facts {
  readonly name: string | undefined
  readonly status: number | undefined
  readonly system: string | undefined
  readonly requestId: string | undefined
  readonly retryAfterMs: number | undefined
}

function factsOf(error: unknown): Facts {
  const from = (typeof error === 'object' && error !== null ? error : {}) as {
    name?: string
    Code?: string
    code?: string
    $metadata?: { httpStatusCode?: number; requestId?: string }
    $response?: { headers?: Record<string, string> }
  }
  const seconds = Number(from.$response?.headers?.['retry-after'])
  const name = from.Code ?? from.name
  return {
    // An answer without a body has no code; then the SDK makes up a name that says nothing.
    name: name !== undefined && /^(|Error|Unknown(Error)?|\d+)$/.test(name) ? undefined : name,
    status: from.$metadata?.httpStatusCode,
    system: typeof from.code === 'string' ? from.code : undefined,
    requestId: from.$metadata?.requestId,
    retryAfterMs: Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined,
  }
}

function codeOf({ name, status, system }: Facts, { signal }: S3ErrorContext): StorageErrorCode {
  if (signal?.aborted) return 'FILES_REMOTE_ABORTED'
  // The SDK calls a broken connection a timeout, too; the system knows better.
  const below = status === undefined && system && BY_SYSTEM_CODE[system]
  const named = below || (name && BY_NAME[name]) || (status && BY_STATUS[status])
  if (named) return named
  if (status !== undefined && status >= 500) return 'FILES_REMOTE_UNAVAILABLE'
  if (status !== undefined && status >= 400) return 'FILES_REMOTE_REJECTED'
  return 'FILES_REMOTE_NETWORK'
}

function optionsOf(
  error: unknown,
  facts: Facts,
  { writes }: S3ErrorContext,
): IntegrationErrorOptions {
  const refused = facts.status !== undefined && facts.status < 500 && facts.name !== 'NoSuchUpload'
  return {
    cause: error,
    status: facts.status,
    requestId: facts.requestId,
    retryAfterMs: facts.retryAfterMs,
    outcome: writes ? (refused ? 'rejected' : 'unknown') : undefined,
  }
}
