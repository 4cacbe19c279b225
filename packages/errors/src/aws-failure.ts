import { type Finding, outcomeFor, type Verdict } from './finding.ts'
import { type FromResponseOptions, judgeResponse, statusOf } from './from-response.ts'
import { headerReader } from './headers.ts'
import { isHealedByTime } from './integration-error.ts'
import { findRetryHint } from './parse-retry-hint.ts'
import { read, readString } from './safe-read.ts'
import { verdictTable } from './verdict-table.ts'

// What the `name` of an AWS SDK error means; S3 and the services that imitate it use the same names.
// @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
// @see https://docs.aws.amazon.com/awssupport/latest/APIReference/CommonErrors.html
const VERDICTS = /* @__PURE__ */ verdictTable([
  [
    { kind: 'rate_limit', code: 'RATE_LIMITED', outcome: 'rejected' },
    `BandwidthLimitExceeded EC2ThrottledException LimitExceededException PriorRequestNotComplete
     ProvisionedThroughputExceededException RequestLimitExceeded RequestThrottled RequestThrottledException SlowDown
     ThrottledException Throttling ThrottlingException TooManyRequestsException`,
  ],
  [
    { kind: 'auth', code: 'TOKEN_EXPIRED', outcome: 'rejected' },
    'ExpiredToken ExpiredTokenException TokenRefreshRequired RequestExpired',
  ],
  [
    { kind: 'auth', code: 'CREDENTIAL_INVALID', outcome: 'rejected' },
    `InvalidAccessKeyId InvalidClientTokenId InvalidToken MissingAuthenticationToken MissingAuthenticationTokenException
     SignatureDoesNotMatch IncompleteSignature IncompleteSignatureException InvalidSignatureException
     UnrecognizedClientException NotSignedUp AuthFailure InvalidSecurity`,
  ],
  [
    { kind: 'auth', code: 'CREDENTIAL_INVALID', outcome: 'not_sent' },
    'CredentialsProviderError TokenProviderError',
  ],
  [
    { kind: 'auth', code: 'PERMISSION_DENIED', outcome: 'rejected' },
    'AccessDenied AccessDeniedException AllAccessDisabled AccountProblem NotAuthorized UnauthorizedOperation',
  ],
  [
    { kind: 'permanent', code: 'CONFIG_INVALID', outcome: 'rejected' },
    `RequestTimeTooSkewed PermanentRedirect AuthorizationHeaderMalformed IllegalLocationConstraintException
     InvalidLocationConstraint InvalidBucketName OptInRequired`,
  ],
  [
    { kind: 'permanent', code: 'NOT_FOUND', outcome: 'rejected' },
    'NoSuchKey NoSuchBucket NoSuchUpload NoSuchVersion NotFound ResourceNotFoundException',
  ],
  [
    { kind: 'permanent', code: 'CONFLICT', outcome: 'rejected' },
    `PreconditionFailed ConditionalCheckFailedException BucketAlreadyExists BucketAlreadyOwnedByYou BucketNotEmpty
     InvalidObjectState ResourceInUseException`,
  ],
  [
    { kind: 'transient', code: 'CONFLICT', outcome: 'rejected' },
    'ConditionalRequestConflict OperationAborted TransactionInProgressException TransactionConflictException',
  ],
  [
    { kind: 'permanent', code: 'INPUT_INVALID', outcome: 'rejected' },
    `ValidationException ValidationError InvalidParameterValue InvalidParameterException EntityTooLarge EntityTooSmall
     InvalidArgument InvalidRange KeyTooLongError BadDigest InvalidDigest InvalidPart MalformedXML`,
  ],
  [
    { kind: 'permanent', code: 'QUOTA_EXHAUSTED', outcome: 'rejected' },
    'ServiceQuotaExceededException TooManyBuckets',
  ],
  [
    { kind: 'transient', code: 'TIMEOUT', outcome: 'rejected' },
    'RequestTimeout RequestTimeoutException',
  ],
  [
    { kind: 'transient', code: 'UNAVAILABLE', outcome: 'unknown' },
    'InternalError InternalFailure InternalServerError ServiceUnavailable ServiceUnavailableException',
  ],
])

/** An AWS SDK v3 error: by its name, by the SDK's own throttling mark, then by the HTTP status. */
export function judgeAwsError(thrown: object, options: FromResponseOptions): Finding | undefined {
  const metadata = read(thrown, '$metadata')
  const name = readString(thrown, 'name') ?? ''
  if (metadata === undefined && !name.endsWith('ProviderError')) return undefined
  const verdict = verdictOfAws(thrown, name)
  const status = statusOf({ status: read(metadata, 'httpStatusCode') })
  const headers = read(read(thrown, '$response'), 'headers')
  const judged = status === undefined ? undefined : judgeResponse({ headers }, status, options)
  const found = verdict ?? judged
  if (!found) return undefined
  return {
    kind: found.kind,
    code: found.code,
    outcome: outcomeFor(found.outcome, options.method),
    message: readString(thrown, 'message') ?? name,
    status,
    requestId: readString(metadata, 'requestId') ?? judged?.requestId,
    retryAfterMs: isHealedByTime(found.kind)
      ? findRetryHint(headerReader(headers), options)?.delayMs
      : undefined,
    details: { providerCode: name },
  }
}

function verdictOfAws(thrown: object, name: string): Verdict | undefined {
  const known = VERDICTS.get(name) ?? VERDICTS.get(readString(thrown, 'Code') ?? '')
  if (known) return known
  return read(read(thrown, '$retryable'), 'throttling') === true
    ? { kind: 'rate_limit', code: 'RATE_LIMITED', outcome: 'rejected' }
    : undefined
}
