import { type IntegrationError, PermanentError, TransientError } from '@mortise/errors'
import { backOff } from './backoff.ts'
import { randomName } from './random-name.ts'
import type { SegmentPut, SegmentTarget, SegmentVersion } from './segment-target.ts'
import {
  isConditionRefused,
  isObjectMissing,
  SEGMENTS_CODES,
  toTargetError,
} from './segments-errors.ts'

export interface ConditionProbe {
  target: SegmentTarget
  /** An object of ours that nobody reads, made once and left there. */
  key: string
  random: () => number
  signal: AbortSignal
  /** Called after each step, as a slow store takes its time for each. */
  alive: () => void
}

/**
 * So many try the same at the same moment. Ceph 20 on a versioned bucket lets all of three small writes win, each time;
 * of larger ones, which take longer to arrive, sometimes only one.
 */
const RACERS = 3
const RACES = 2
/** Where old versions are kept, as that is where it was seen. */
const RACES_WHEN_VERSIONED = 5

/** Other uploaders that start now race for the same object; so many races without a winner of ours are enough. */
const MAX_ATTEMPTS = 12

/**
 * Finds out whether a store keeps conditions, also among writers at the same moment: some accept the header and write
 * anyway, and some look at the condition first and have forgotten it when they write.
 * Answers whether it keeps old versions.
 * @throws {PermanentError} SEGMENTS_TARGET_UNSAFE when it does not keep conditions
 */
export async function probeConditions(probe: ConditionProbe): Promise<boolean> {
  // The first of all uploaders makes it; whoever comes later finds it there.
  const created = await race(probe, { ifNoneMatch: '*' })
  if (!created.refused) throw created.failure
  let current = created.won
  let versioned = false
  const races = () => (versioned ? RACES_WHEN_VERSIONED : RACES)
  for (let done = 0, attempt = 1; done < races(); attempt += 1) {
    probe.alive()
    current ??= (await probe.target.stat(probe)) ?? undefined
    probe.alive()
    const { won, refused, failure } = await race(probe, conditionOn(current))
    current = won
    versioned ||= won?.versionId !== undefined
    if (won && refused) {
      done += 1
      continue
    }
    if (attempt >= MAX_ATTEMPTS) throw failure ?? undecided()
    await backOff({ ...probe, attempt })
  }
  return versioned
}

type Condition = Pick<SegmentPut, 'ifMatch' | 'ifNoneMatch'>

/** Somebody may have removed the object meanwhile. */
function conditionOn(current: SegmentVersion | undefined): Condition {
  return current ? { ifMatch: current.etag } : { ifNoneMatch: '*' }
}

interface Race {
  readonly won: SegmentVersion | undefined
  /** Whether somebody lost it; otherwise it was none. */
  readonly refused: boolean
  /** Why some did not take part. */
  readonly failure: IntegrationError | undefined
}

/**
 * Some writes at the same moment under the same condition, of which the store may accept one.
 * @throws {PermanentError} SEGMENTS_TARGET_UNSAFE when it accepted more
 */
async function race({ target, key, signal }: ConditionProbe, condition: Condition): Promise<Race> {
  const writes = await Promise.allSettled(
    Array.from({ length: RACERS }, () =>
      target.put({ key, body: newBody(), ...condition, signal }),
    ),
  )
  const won = writes.flatMap((write) => (write.status === 'fulfilled' ? [write.value] : []))
  const lost = writes.flatMap((write) => (write.status === 'rejected' ? [write.reason] : []))
  if (won.length > 1) throw unsafe(condition.ifNoneMatch ? 'If-None-Match' : 'If-Match', won.length)
  const failures = lost.filter((error) => !isRefused(error)).map(toTargetError)
  const final = failures.find(({ retryable }) => !retryable)
  if (final) throw final
  return { won: won[0], refused: failures.length < lost.length, failure: failures[0] }
}

/** Different each time: the same content could be the same version. */
function newBody(): Buffer {
  const text = 'Made to find out whether this store keeps conditions; may be removed.'
  return Buffer.from(`${text} ${randomName()}\n`)
}

/** That a write was refused because of its condition. */
export function isRefused(error: unknown): boolean {
  return isConditionRefused(error) || isObjectMissing(error)
}

function unsafe(condition: string, accepted: number): PermanentError {
  return new PermanentError(
    `The store does not keep ${condition}: of ${RACERS} writes under it at the same moment it accepted ${accepted}, ` +
      'so writers would take away what others wrote. Use another store (on Ceph, a bucket without versioning), or ' +
      'set singleWriter when nobody else ever writes these files',
    { code: SEGMENTS_CODES.targetUnsafe, outcome: 'not_sent' },
  )
}

function undecided(): TransientError {
  return new TransientError(
    'The store refused every write under If-Match, also of the version that it told',
    { code: SEGMENTS_CODES.targetFailed, outcome: 'not_sent' },
  )
}
