import { PermanentError } from '@mortise/errors'
import { SEGMENTS_CODES } from '../segments-errors.ts'

/** What the log keeps of an event. */
export interface LoggedEvent {
  readonly key: string
  readonly at: number
  readonly payload: unknown
}

/** @throws {PermanentError} SEGMENTS_SEGMENTS_INVALID when the payload cannot be written as JSON */
export function encodeEvent(event: LoggedEvent): Buffer {
  try {
    return Buffer.from(JSON.stringify(event))
  } catch (cause) {
    throw new PermanentError('The payload cannot be written as JSON', {
      code: SEGMENTS_CODES.segmentsInvalid,
      outcome: 'not_sent',
      cause,
    })
  }
}

/** What the log kept; `undefined` when it is no event of ours. */
export function decodeEvent(data: Buffer): LoggedEvent | undefined {
  try {
    const { key, at, payload } = JSON.parse(data.toString()) as LoggedEvent
    return typeof key === 'string' && Number.isFinite(at) ? { key, at, payload } : undefined
  } catch {
    return undefined
  }
}
