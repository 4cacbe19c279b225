import {
  fromUnknown,
  type IntegrationError,
  isIntegrationError,
  type Outcome,
  PermanentError,
  TransientError,
} from '@mortise/errors'

/** The codes of this package, each in exactly one place; the table in the README says what to do about them. */
export const SEGMENTS_CODES = {
  idMissing: 'SEGMENTS_ID_MISSING',
  idInvalid: 'SEGMENTS_ID_INVALID',
  segmentsInvalid: 'SEGMENTS_SEGMENTS_INVALID',
  entryTooLarge: 'SEGMENTS_ENTRY_TOO_LARGE',
  configInvalid: 'SEGMENTS_CONFIG_INVALID',
  targetUnsafe: 'SEGMENTS_TARGET_UNSAFE',
  targetFailed: 'SEGMENTS_TARGET_FAILED',
  commitTimedOut: 'SEGMENTS_COMMIT_TIMED_OUT',
  fileUnreadable: 'SEGMENTS_FILE_UNREADABLE',
  fileTooLarge: 'SEGMENTS_FILE_TOO_LARGE',
  outcomeUnknown: 'SEGMENTS_OUTCOME_UNKNOWN',
  preconditionFailed: 'SEGMENTS_PRECONDITION_FAILED',
  objectNotFound: 'SEGMENTS_OBJECT_NOT_FOUND',
  bucketNotFound: 'SEGMENTS_BUCKET_NOT_FOUND',
  accessDenied: 'SEGMENTS_ACCESS_DENIED',
  regionWrong: 'SEGMENTS_REGION_WRONG',
  queueFull: 'SEGMENTS_QUEUE_FULL',
  folderInUse: 'SEGMENTS_FOLDER_IN_USE',
  closed: 'SEGMENTS_CLOSED',
  aborted: 'SEGMENTS_ABORTED',
} as const

/** Whether a conditional request was refused because somebody else wrote. */
export function isConditionRefused(error: unknown): boolean {
  const { status, code } = toTargetError(error)
  return status === 412 || status === 409 || code.endsWith('PRECONDITION_FAILED')
}

/** Whether there is no such object. A missing bucket is something else: looking again does not help. */
export function isObjectMissing(error: unknown): boolean {
  return isIntegrationError(error) && error.code.endsWith('OBJECT_NOT_FOUND')
}

/** Anything a target threw, as an error of ours. */
export function toTargetError(error: unknown): IntegrationError {
  return fromUnknown(error)
}

/** The same failure, saying whether the write may have happened. */
export function withOutcome(error: IntegrationError, outcome: Outcome): IntegrationError {
  if (error.outcome === outcome) return error
  const Kind = error.constructor as new (message: string, options: object) => IntegrationError
  const { code, status, requestId, retryAfterMs, details } = error
  return new Kind(error.message, {
    code,
    status,
    requestId,
    retryAfterMs,
    details,
    outcome,
    cause: error.cause ?? error,
  })
}

export function abortedError(outcome: Outcome, reason: unknown): TransientError {
  return new TransientError('The upload was aborted', {
    code: SEGMENTS_CODES.aborted,
    outcome,
    cause: reason,
  })
}

export function closedError(): PermanentError {
  return new PermanentError('The uploader is closed; make a new one', {
    code: SEGMENTS_CODES.closed,
    outcome: 'not_sent',
  })
}
