import { PermanentError } from '@mortise/errors'
import { envelopeProblem } from '../envelope-problem.ts'
import type { Envelope, PublishOutcome } from '../message-transport.ts'
import { isOccupied, natsError } from './nats-errors.ts'
import { eventSubject, type NatsNames } from './nats-subjects.ts'
import type { StreamWriter } from './stream-writer.ts'

interface PublishOptions {
  write: StreamWriter
  names: NatsNames
  timeoutMs: number
}

/** Stores envelopes one after another, each acknowledged by the server before the next leaves. */
export async function publishToNats(
  envelopes: readonly Envelope[],
  options: PublishOptions,
): Promise<PublishOutcome[]> {
  const outcomes: PublishOutcome[] = []
  let failure: PublishOutcome | undefined
  for (const envelope of envelopes) {
    const outcome: PublishOutcome = failure ?? (await publishOne(envelope, options))
    if (outcome.status === 'failed') failure = outcome
    outcomes.push(outcome)
  }
  return outcomes
}

async function publishOne(envelope: Envelope, options: PublishOptions): Promise<PublishOutcome> {
  const { write, names, timeoutMs } = options
  const problem = envelopeProblem(envelope)
  let data: string
  try {
    if (problem) throw new TypeError(problem)
    data = JSON.stringify(envelope)
  } catch (cause) {
    const code = 'MESSAGING_ENVELOPE_INVALID'
    const error = new PermanentError(problem ?? 'An envelope is not plain JSON', { code, cause })
    return { status: 'failed', error }
  }
  try {
    // A lost acknowledgement is not repeated here: the caller's next try finds the subject occupied.
    await write(eventSubject(names, envelope), data, { timeout: timeoutMs, retries: 1 })
    return { status: 'stored' }
  } catch (error) {
    return isOccupied(error)
      ? { status: 'duplicate' }
      : { status: 'failed', error: natsError(error) }
  }
}
