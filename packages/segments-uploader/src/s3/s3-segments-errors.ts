import { AuthError, type IntegrationError, PermanentError, TransientError } from '@mortise/errors'
import { SEGMENTS_CODES } from '../segments-errors.ts'

/** What the SDK throws, as far as it is asked for. */
interface ServiceFailure {
  name?: string
  message?: string
  $metadata?: { httpStatusCode?: number; requestId?: string }
}

// 409 is the answer to the loser of a race on AWS and on Ceph; 404 the one to a condition on an object that is gone.
// @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
const REFUSED = new Set([
  'PreconditionFailed',
  'ConditionalRequestConflict',
  'ConcurrentModification',
])

/** The one table from S3's failures to ours. */
export function toS3SegmentsError(
  thrown: unknown,
  where: { bucket: string; key: string },
): IntegrationError {
  const failure = thrown as ServiceFailure
  const status = failure.$metadata?.httpStatusCode
  const name = failure.name ?? 'Error'
  const options = {
    cause: thrown,
    status,
    requestId: failure.$metadata?.requestId,
    details: { bucket: where.bucket, key: where.key, providerCode: name },
  }
  if (name === 'NoSuchBucket') {
    return new PermanentError(
      `The bucket ${where.bucket} does not exist; make it or name another`,
      {
        ...options,
        code: SEGMENTS_CODES.bucketNotFound,
        outcome: 'rejected',
      },
    )
  }
  if (REFUSED.has(name) || status === 412) {
    return new PermanentError(`${where.key}: somebody else wrote`, {
      ...options,
      code: SEGMENTS_CODES.preconditionFailed,
      outcome: 'rejected',
    })
  }
  if (status === 404) {
    return new PermanentError(`${where.key}: no such object in ${where.bucket}`, {
      ...options,
      code: SEGMENTS_CODES.objectNotFound,
      outcome: 'rejected',
    })
  }
  return toGeneralError(failure, options)
}

function toGeneralError(
  failure: ServiceFailure,
  options: { status: number | undefined },
): IntegrationError {
  const message = failure.message ?? 'The store failed'
  const { status } = options
  if (status === 401 || status === 403 || failure.name === 'CredentialsProviderError') {
    return new AuthError(message, {
      ...options,
      code: SEGMENTS_CODES.accessDenied,
      outcome: 'rejected',
    })
  }
  if (status !== undefined && isFinal(status)) {
    return new PermanentError(message, {
      ...options,
      code: SEGMENTS_CODES.targetFailed,
      outcome: 'rejected',
    })
  }
  return new TransientError(message, {
    ...options,
    code: SEGMENTS_CODES.targetFailed,
    outcome: 'unknown',
  })
}

/** That the same request would be answered the same way again; 501 is a store that lacks the operation. */
function isFinal(status: number): boolean {
  return status === 501 || (status >= 400 && status < 500 && status !== 408 && status !== 429)
}
