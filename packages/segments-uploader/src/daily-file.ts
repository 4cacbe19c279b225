import { type IntegrationError, TransientError } from '@mortise/errors'
import { backOff } from './backoff.ts'
import { boundedCall } from './bounded-call.ts'
import { withMark } from './commit-record.ts'
import { changedWhileLoading, type FileState, loadState, type Unreadable } from './file-state.ts'
import type { Entry } from './profile.ts'
import type { SegmentTarget } from './segment-target.ts'
import {
  isConditionRefused,
  SEGMENTS_CODES,
  toTargetError,
  withOutcome,
} from './segments-errors.ts'
import { writeState } from './write-state.ts'

export interface DailyFileOptions {
  target: SegmentTarget
  key: string
  listName: string
  /** This writer's name in the object's metadata: letters and digits. */
  writer: string
  maxHeldBytes: number
  requestTimeoutMs: number
  commitTimeoutMs: number
  singleWriter: boolean
  random: () => number
  randomName: () => string
  signal: AbortSignal
  /** Told once for each file that is left alone. */
  onUnreadable: (unreadable: Unreadable) => void
}

/** Where a batch stands. */
export interface Commit {
  readonly key: string
  readonly etag: string
  /** The position of the batch's first profile in the list, from 0. */
  readonly first: number
}

/** One batch until its fate is known. */
interface Attempt {
  readonly entries: readonly Entry[]
  readonly batch: number
  readonly deadline: number
  tries: number
  /** A write was sent whose answer does not exclude that it happened. */
  unsure: boolean
}

const MAX_SIDE_FILES = 9

/**
 * One daily file and the protocol that many writers share:
 *
 * 1. Know the version (ETag), where its list closes and each writer's last batch.
 * 2. Write the next version under the condition that this one still stands, the own batch number in the same request.
 * 3. On any failure look again before the next try: is the own batch number there, the lost answer was a yes.
 */
export class DailyFile {
  readonly #options: DailyFileOptions
  readonly #heldBytes: number
  #key: string
  #state: FileState | undefined
  #previous: FileState | undefined
  #batch = 0

  constructor(options: DailyFileOptions) {
    this.#options = options
    this.#key = options.key
    const { compose } = options.target.capabilities
    // What can be composed needs no copy here.
    this.#heldBytes = Math.min(options.maxHeldBytes, compose ? compose.minPartBytes - 1 : Infinity)
  }

  /**
   * Adds entries in one step and says where they stand.
   * @throws {IntegrationError} with `outcome` `unknown` when a write was sent and its fate could not be learnt
   */
  async commit(entries: readonly Entry[]): Promise<Commit> {
    const deadline = performance.now() + this.#options.commitTimeoutMs
    const attempt = { entries, batch: ++this.#batch, deadline, tries: 0, unsure: false }
    for (;;) {
      try {
        return await this.#try(attempt)
      } catch (error) {
        await this.#recover(attempt, error)
      }
    }
  }

  async #try(attempt: Attempt): Promise<Commit> {
    const state = this.#state ?? (await this.#load())
    const landed = attempt.unsure ? state.record.marks.get(this.#options.writer) : undefined
    if (landed?.batch === attempt.batch) {
      return { key: state.key, etag: state.etag ?? '', first: landed.first }
    }
    attempt.unsure = true
    const next = await this.#write(state, attempt)
    this.#state = next
    return { key: next.key, etag: next.etag ?? '', first: state.record.count }
  }

  async #write(state: FileState, attempt: Attempt): Promise<FileState> {
    const { target, writer, singleWriter } = this.#options
    const marks = withMark(state.record.marks, writer, {
      batch: attempt.batch,
      first: state.record.count,
    })
    return await this.#bounded((signal) =>
      writeState(state, {
        target,
        entries: attempt.entries.map(({ bytes }) => bytes),
        marks,
        heldBytes: this.#heldBytes,
        unconditional: singleWriter,
        signal,
      }),
    )
  }

  async #load(): Promise<FileState> {
    const { target, listName, randomName } = this.#options
    for (let side = 0; side < MAX_SIDE_FILES; side += 1) {
      const found = await this.#bounded((signal) =>
        loadState({
          target,
          key: this.#key,
          listName,
          heldBytes: this.#heldBytes,
          lineage: randomName,
          previous: this.#previous,
          signal,
        }),
      )
      if (!('reason' in found)) return found
      this.#options.onUnreadable(found)
      this.#key = sideKey(this.#options.key, side + 1)
      this.#previous = undefined
    }
    throw new TransientError(`${this.#options.key} and its side files cannot be read`, {
      code: SEGMENTS_CODES.targetFailed,
    })
  }

  /** Returns when another try makes sense, and throws the final error otherwise. */
  async #recover(attempt: Attempt, thrown: unknown): Promise<void> {
    const error = toTargetError(thrown)
    this.#previous = this.#state ?? this.#previous
    this.#state = undefined
    attempt.tries += 1
    const refused = isConditionRefused(error) || changedWhileLoading(error)
    const hopeless = this.#options.signal.aborted || !(refused || error.retryable)
    if (hopeless) throw this.#final(attempt, error)
    if (performance.now() >= attempt.deadline) throw this.#final(attempt, timedOut(error))
    const { random, signal } = this.#options
    await backOff({
      attempt: attempt.tries,
      retryAfterMs: error.retryAfterMs,
      random,
      signal,
    }).catch(() => {
      throw this.#final(attempt, error)
    })
  }

  #final(attempt: Attempt, error: IntegrationError): IntegrationError {
    return withOutcome(error, attempt.unsure ? 'unknown' : 'not_sent')
  }

  async #bounded<Result>(call: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const { requestTimeoutMs, signal } = this.#options
    return await boundedCall(call, { timeoutMs: requestTimeoutMs, signal })
  }
}

/** `2026-11-21_segments.json` → `2026-11-21_segments.side-1.json` */
export function sideKey(key: string, number: number): string {
  const dot = key.lastIndexOf('.')
  const cut = dot > key.lastIndexOf('/') ? dot : key.length
  return `${key.slice(0, cut)}.side-${number}${key.slice(cut)}`
}

function timedOut(cause: IntegrationError): TransientError {
  return new TransientError(`The batch could not be written in time: ${cause.message}`, {
    code: SEGMENTS_CODES.commitTimedOut,
    cause,
  })
}
