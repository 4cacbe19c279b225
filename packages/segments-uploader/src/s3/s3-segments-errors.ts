import {
  AuthError,
  type IntegrationError,
  type IntegrationErrorOptions,
  PermanentError,
  TransientError,
} from '@mortise/errors'
import { SEGMENTS_CODES } from '../segments-errors.ts'
import { PERMISSIONS, type S3Action } from './s3-action.ts'

/** What the SDK throws, as far as it is asked for. */
interface ServiceFailure {
  name?: string
  message?: string
  code?: string
  $metadata?: { httpStatusCode?: number; requestId?: string }
}

/** What was asked, and of which object. */
export interface S3Where {
  readonly action: S3Action
  readonly bucket: string
  readonly key: string
}

// 409 is the answer to the loser of a race on AWS and on Ceph; 404 the one to a condition on an object that is gone.
// @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
const REFUSED = new Set([
  'PreconditionFailed',
  'ConditionalRequestConflict',
  'ConcurrentModification',
])

/**
 * Refusals of the account, whatever their status, and what helps.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
const CREDENTIALS: Readonly<Record<string, string>> = {
  InvalidAccessKeyId: 'the store does not know this access key id; check it and the endpoint',
  SignatureDoesNotMatch: 'the secret access key does not belong to this access key id',
  ExpiredToken: 'the session token has expired; get a new one',
  InvalidToken: 'the session token is not valid; get a new one',
  CredentialsProviderError: 'no credentials were found; give some to the client',
}

const WRONG_REGION = new Set([
  'PermanentRedirect',
  'TemporaryRedirect',
  'AuthorizationHeaderMalformed',
  'IllegalLocationConstraintException',
])

/** The one table from S3's failures to ours. */
export function toS3SegmentsError(thrown: unknown, where: S3Where): IntegrationError {
  const failure = thrown as ServiceFailure
  const { bucket, key } = where
  const status = failure.$metadata?.httpStatusCode
  const name = nameOf(failure)
  const said = `${where.action} of ${bucket}/${key} ${answerOf(status, name)}`
  const options = {
    cause: thrown,
    status,
    requestId: failure.$metadata?.requestId,
    details: { bucket, key, action: where.action, ...(name && { providerCode: name }) },
  }
  if (name === 'NoSuchBucket') {
    return permanent(`The bucket ${bucket} does not exist; make it or name another`, {
      ...options,
      code: SEGMENTS_CODES.bucketNotFound,
    })
  }
  if (REFUSED.has(name ?? '') || status === 412) {
    return permanent(`${key}: somebody else wrote`, {
      ...options,
      code: SEGMENTS_CODES.preconditionFailed,
    })
  }
  if (status === 404) {
    return permanent(`${key}: no such object in ${bucket}`, {
      ...options,
      code: SEGMENTS_CODES.objectNotFound,
    })
  }
  return accountError(said, name, options) ?? generalError(said, failure, options)
}

type Options = IntegrationErrorOptions & { readonly details: { readonly action: S3Action } }

/** What the account, its clock or its region is refused for. */
function accountError(
  said: string,
  name: string | undefined,
  options: Options,
): IntegrationError | undefined {
  const { status } = options
  if (name === 'RequestTimeTooSkewed') {
    // The SDK has learnt the right time from this answer, and signs the next request with it.
    return new TransientError(`${said}: the clock of this machine is wrong; set it`, {
      ...options,
      code: SEGMENTS_CODES.targetFailed,
      outcome: 'rejected',
    })
  }
  if (WRONG_REGION.has(name ?? '') || status === 301 || status === 307) {
    return permanent(`${said}: the bucket is in another region; name that one`, {
      ...options,
      code: SEGMENTS_CODES.regionWrong,
    })
  }
  const advice = CREDENTIALS[name ?? '']
  if (advice === undefined && status !== 401 && status !== 403) return undefined
  const grant = `grant the account ${PERMISSIONS[options.details.action]}`
  return new AuthError(`${said}: ${advice ?? grant}`, {
    ...options,
    code: SEGMENTS_CODES.accessDenied,
    outcome: 'rejected',
  })
}

function generalError(said: string, failure: ServiceFailure, options: Options): IntegrationError {
  const reason = failure.message || failure.code
  const message = reason && !NAMELESS.test(reason) ? `${said}: ${reason}` : said
  const { status } = options
  const code = SEGMENTS_CODES.targetFailed
  return status !== undefined && isFinal(status)
    ? permanent(message, { ...options, code })
    : new TransientError(message, { ...options, code, outcome: 'unknown' })
}

function permanent(message: string, options: IntegrationErrorOptions): PermanentError {
  return new PermanentError(message, { ...options, outcome: 'rejected' })
}

/** The SDK's own words for an answer without a body: there is no code in it. */
const NAMELESS = /^(Unknown|UnknownError|Error|\d+)$/

function nameOf({ name }: ServiceFailure): string | undefined {
  return name === undefined || NAMELESS.test(name) ? undefined : name
}

function answerOf(status: number | undefined, name: string | undefined): string {
  if (status === undefined) return 'was not answered'
  return `was answered ${[status, name].filter(Boolean).join(' ')}`
}

/** That the same request would be answered the same way again; 501 is a store that lacks the operation. */
function isFinal(status: number): boolean {
  return status === 501 || (status >= 400 && status < 500 && status !== 408 && status !== 429)
}
