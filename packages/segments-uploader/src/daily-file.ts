import {
  type Acknowledged,
  type Attempt,
  fateOf,
  isGone,
  waitForNextTry,
} from './commit-attempt.ts'
import { isRefusal } from './commit-errors.ts'
import type { CommitPlan, Placement } from './commit-plan.ts'
import type { FileState } from './file-state.ts'
import type { Entry } from './profile.ts'
import { toTargetError } from './segments-errors.ts'
import { StoredFile, type StoredFileOptions } from './stored-file.ts'

export interface DailyFileOptions extends StoredFileOptions {
  commitTimeoutMs: number
  random: () => number
  onBatchLost: (key: string) => void
}

/** Where a batch stands. */
export interface Commit {
  readonly key: string
  readonly etag: string
  readonly placements: readonly Placement[]
}

/**
 * One daily file and the protocol that many writers share:
 *
 * 1. Know the version (ETag), where its list closes and each writer's last batch.
 * 2. Write the next version under the condition that this one still stands, the own batch number in the same request.
 * 3. On any failure look again before the next try: is the own batch number there, the lost answer was a yes.
 */
export class DailyFile {
  readonly #options: DailyFileOptions
  readonly #file: StoredFile
  /** Its name in the object's metadata; never used again, because its batches are counted from 1. */
  readonly #writer: string
  #batch = 0
  #acknowledged: Acknowledged | undefined

  constructor(options: DailyFileOptions) {
    this.#options = options
    this.#file = new StoredFile(options)
    this.#writer = options.randomName()
  }

  /**
   * Adds entries in one step and says where they stand.
   * @throws {IntegrationError} with `outcome` `unknown` when a write was sent and its fate could not be learnt
   */
  async commit(entries: readonly Entry[]): Promise<Commit> {
    const deadline = performance.now() + this.#options.commitTimeoutMs
    const attempt: Attempt = {
      entries,
      batch: ++this.#batch,
      deadline,
      tries: 0,
      sent: undefined,
    }
    for (;;) {
      try {
        return await this.#try(attempt)
      } catch (error) {
        await this.#recover(attempt, error)
      }
    }
  }

  /** Resolves when nothing runs in the background any more. */
  async settle(): Promise<void> {
    await this.#file.settle()
  }

  async #try(attempt: Attempt): Promise<Commit> {
    const state = await this.#file.current()
    this.#lookForAcknowledged(state)
    const landed = this.#findLanded(attempt, state)
    if (landed) return landed
    const sent = attempt.sent ?? (await this.#file.prepare(attempt.entries, state))
    if (sent.plan.fresh.length === 0) return this.#commitOf(sent.plan)
    attempt.sent = sent
    await this.#file.write(sent, { writer: this.#writer, batch: attempt.batch })
    return this.#acknowledge(attempt, sent.plan)
  }

  #lookForAcknowledged(state: FileState): void {
    if (!this.#acknowledged || !isGone(this.#acknowledged, state)) return
    this.#acknowledged = undefined
    this.#options.onBatchLost(state.key)
    this.#options.guard.doubtConditions()
  }

  /** The answer that was lost, if the object says that the batch is in it. */
  #findLanded(attempt: Attempt, state: FileState): Commit | undefined {
    const { sent, batch } = attempt
    if (!sent) return undefined
    const fate = fateOf(sent, { writer: this.#writer, batch }, state)
    if (fate === 'landed') {
      this.#file.accept(sent.link)
      return this.#acknowledge(attempt, sent.plan)
    }
    if (fate === 'never') {
      this.#file.discard(sent.link)
      attempt.sent = undefined
    }
    return undefined
  }

  #acknowledge({ batch }: Attempt, plan: CommitPlan): Commit {
    const { lineage = '' } = this.#file.known?.record ?? {}
    this.#acknowledged = { writer: this.#writer, batch, lineage }
    return this.#commitOf(plan)
  }

  #commitOf({ placements }: CommitPlan): Commit {
    return { key: this.#file.key, etag: this.#file.known?.etag ?? '', placements }
  }

  /** Returns when another try makes sense, and throws the final error otherwise. */
  async #recover(attempt: Attempt, thrown: unknown): Promise<void> {
    const error = toTargetError(thrown)
    if (attempt.sent || isRefusal(error)) this.#file.doubt()
    attempt.tries += 1
    if (attempt.sent && !isRefusal(error)) attempt.sent.doubtful = true
    await waitForNextTry(attempt, error, this.#options)
  }
}
