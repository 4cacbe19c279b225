import { type IntegrationError, PermanentError, TransientError } from '@mortise/errors'
import { changedWhileLoading } from './file-state.ts'
import { isConditionRefused, SEGMENTS_CODES } from './segments-errors.ts'

/** Whether somebody else wrote in between: looking again helps. */
export function isRefusal(error: unknown): boolean {
  return isConditionRefused(error) || changedWhileLoading(error)
}

export function commitTimedOut(cause: IntegrationError): TransientError {
  return new TransientError(`The batch could not be written in time: ${cause.message}`, {
    code: SEGMENTS_CODES.commitTimedOut,
    cause,
  })
}

export function outcomeUnknown(key: string): PermanentError {
  return new PermanentError(
    `${key} was rewritten by somebody else while an answer was lost: the batch may stand in it or not`,
    { code: SEGMENTS_CODES.outcomeUnknown, outcome: 'unknown' },
  )
}

export function sideFilesUnreadable(key: string): PermanentError {
  return new PermanentError(
    `${key} and its side files cannot be read; repair or remove one of them`,
    {
      code: SEGMENTS_CODES.fileUnreadable,
    },
  )
}
