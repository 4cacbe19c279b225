import {
  type IntegrationError,
  isIntegrationError,
  PermanentError,
  TransientError,
} from '@mortise/errors'
import { JetStreamApiError } from '@nats-io/jetstream'

/** "maximum messages per subject exceeded": the id is stored already. @see https://github.com/nats-io/nats-server/blob/main/server/errors.json */
const SUBJECT_OCCUPIED = 10077

/** Whether the refusal means that the same envelope is stored already. */
export function isOccupied(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === SUBJECT_OCCUPIED
}

/** Another revision is the latest: somebody was first. */
const REVISIONS = [10071, 10164]

/** Whether a key was written by somebody else meanwhile. */
export function isOvertaken(error: unknown): boolean {
  return error instanceof JetStreamApiError && REVISIONS.includes(error.code)
}

/** Whether nobody listens where a stream should: JetStream is off, or the stream is gone. */
export function isNobodyThere(error: unknown): boolean {
  return error instanceof Error && error.name === 'JetStreamNotEnabled'
}

const STREAM_NOT_FOUND = 10059

/** Whether there is no stream of that name. */
export function isStreamMissing(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === STREAM_NOT_FOUND
}

/** Foreign failures as ours: too large will not pass tomorrow either; everything else is the server's absence. */
export function natsError(cause: unknown): IntegrationError {
  if (isIntegrationError(cause)) return cause
  const text = cause instanceof Error ? cause.message : String(cause)
  if (/max_payload/i.test(text)) {
    const code = 'MESSAGING_ENVELOPE_INVALID'
    return new PermanentError(`An envelope is larger than the server's max_payload`, {
      code,
      cause,
    })
  }
  return new TransientError(`The NATS server did not store or answer: ${text}`, {
    code: 'MESSAGING_TRANSPORT_UNAVAILABLE',
    outcome: 'unknown',
    cause,
  })
}

/** The same functions; what they reject with is ours. */
export function withNatsErrors<T extends object>(functions: T): T {
  const entries = Object.entries(
    functions as Record<string, (...args: unknown[]) => Promise<unknown>>,
  )
  const guarded = entries.map(([name, run]) => [
    name,
    (...args: unknown[]) =>
      run(...args).catch((error: unknown) => {
        throw natsError(error)
      }),
  ])
  return Object.fromEntries(guarded) as T
}
