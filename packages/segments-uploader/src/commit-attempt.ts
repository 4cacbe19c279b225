import type { IntegrationError } from '@mortise/errors'
import { backOff, isLate } from './backoff.ts'
import { commitTimedOut, isRefusal, outcomeUnknown } from './commit-errors.ts'
import type { CommitPlan } from './commit-plan.ts'
import { isMarkReliable, MAX_MARKS } from './commit-record.ts'
import type { FileState } from './file-state.ts'
import type { NewLink } from './ledger.ts'
import type { Entry } from './profile.ts'
import { withOutcome } from './segments-errors.ts'

/** Which batch, and whose. */
export interface WriterBatch {
  readonly writer: string
  readonly batch: number
}

/** One batch until its fate is known. */
export interface Attempt {
  readonly entries: readonly Entry[]
  readonly batch: number
  readonly deadline: number
  tries: number
  /** The last write that was sent, as long as it may have happened or may still happen. */
  sent: Sent | undefined
}

/** A write, complete enough to be sent again as it was. */
export interface Sent {
  readonly base: FileState
  readonly plan: CommitPlan
  readonly link: NewLink | undefined
  /** Append on the store's side. */
  readonly compose: boolean
  /** Its answer was lost; a refusal is an answer. */
  doubtful: boolean
}

/**
 * What became of a write that was sent, by the version that stands there now:
 *
 * - `landed`: the writer's batch number is in it, so the lost answer was a yes.
 * - `open`: its base is still there, so it may yet happen, and is sent again as it was.
 * - `never`: its base is gone, and with it the condition.
 *
 * @throws {PermanentError} SEGMENTS_OUTCOME_UNKNOWN when somebody rewrote the file without our records
 */
export function fateOf(
  { base, doubtful }: Sent,
  { writer, batch }: WriterBatch,
  now: FileState,
): 'landed' | 'open' | 'never' {
  if (now.record.marks.get(writer)?.batch === batch) return 'landed'
  const created = base.etag === undefined // then nobody can have rewritten it
  if (doubtful && !created && !isMarkReliable(base.record, now.record)) {
    throw outcomeUnknown(now.key)
  }
  return now.etag === base.etag ? 'open' : 'never'
}

/** The last batch that a writer was told of. */
export interface Acknowledged extends WriterBatch {
  /** The line of appends that it stands in. */
  readonly lineage: string
}

/**
 * Whether an acknowledged batch is gone although its line of appends goes on. That takes a person who puts an older
 * version back, or a store that does not keep its conditions.
 */
export function isGone({ writer, batch, lineage }: Acknowledged, now: FileState): boolean {
  const { record } = now
  if (now.etag === undefined || record.lineage !== lineage) return false
  const mark = record.marks.get(writer)
  return mark === undefined ? record.marks.size < MAX_MARKS : mark.batch < batch
}

/** Waits before the next try, or throws the final error when none makes sense. */
export async function waitForNextTry(
  attempt: Attempt,
  error: IntegrationError,
  { random, signal }: { random: () => number; signal: AbortSignal },
): Promise<void> {
  const outcome = attempt.sent ? 'unknown' : 'not_sent'
  const hopeless = signal.aborted || !(isRefusal(error) || error.retryable)
  if (hopeless) throw withOutcome(error, outcome)
  const late = isLate(attempt.deadline, error)
  if (late) throw withOutcome(commitTimedOut(error), outcome)
  const { retryAfterMs } = error
  await backOff({ attempt: attempt.tries, retryAfterMs, random, signal }).catch(() => {
    throw withOutcome(error, outcome)
  })
}
