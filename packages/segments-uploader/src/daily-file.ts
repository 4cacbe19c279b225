import { boundedCall } from './bounded-call.ts'
import {
  type Acknowledged,
  type Attempt,
  fateOf,
  isGone,
  type Sent,
  waitForNextTry,
} from './commit-attempt.ts'
import { isRefusal, sideFilesUnreadable } from './commit-errors.ts'
import { type CommitPlan, type Placement, planCommit } from './commit-plan.ts'
import { withMark } from './commit-record.ts'
import { type FileState, loadState, type Unreadable } from './file-state.ts'
import { Ledger, type NewLink } from './ledger.ts'
import type { Entry } from './profile.ts'
import type { SegmentTarget } from './segment-target.ts'
import { toTargetError } from './segments-errors.ts'
import type { SegmentsFormat } from './segments-format.ts'
import { MAX_SIDE_FILES, sideKey } from './side-key.ts'
import { isUnable, type TargetGuard } from './target-guard.ts'
import { loadUpsertState, writeUpsertState } from './upsert-state.ts'
import { isComposable, writeState } from './write-state.ts'

export interface DailyFileOptions {
  target: SegmentTarget
  guard: TargetGuard
  key: string
  format: SegmentsFormat
  mode: 'append' | 'upsert'
  idField: string
  maxHeldBytes: number
  requestTimeoutMs: number
  commitTimeoutMs: number
  idempotencyWindow: number
  singleWriter: boolean
  random: () => number
  randomName: () => string
  signal: AbortSignal
  /** Told once for each file that is left alone. */
  onUnreadable: (unreadable: Unreadable) => void
  onLedgerMissing: (key: string) => void
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
  /** Its name in the object's metadata; never used again, because its batches are counted from 1. */
  readonly #writer: string
  #key: string
  #side = 0
  #state: FileState | undefined
  #previous: FileState | undefined
  #ledger: Ledger
  #batch = 0
  #acknowledged: Acknowledged | undefined
  #cleaning: Promise<void> = Promise.resolve()

  constructor(options: DailyFileOptions) {
    this.#options = options
    this.#writer = options.randomName()
    this.#key = options.key
    this.#ledger = this.#newLedger()
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
    await this.#cleaning
  }

  async #try(attempt: Attempt): Promise<Commit> {
    const state = this.#state ?? (await this.#load())
    this.#state = state
    this.#lookForAcknowledged(state)
    const landed = this.#findLanded(attempt, state)
    if (landed) return landed
    const sent = attempt.sent ?? (await this.#prepare(attempt.entries, state))
    if (sent.plan.fresh.length === 0) return this.#commitOf(sent.plan)
    await this.#write(attempt, sent)
    return this.#acknowledge(attempt, sent.plan)
  }

  #lookForAcknowledged(state: FileState): void {
    if (!this.#acknowledged || !isGone(this.#acknowledged, state)) return
    this.#acknowledged = undefined
    this.#options.onBatchLost(state.key)
    this.#options.guard.doubtConditions()
  }

  #acknowledge({ batch }: Attempt, plan: CommitPlan): Commit {
    const { lineage = '' } = this.#state?.record ?? {}
    this.#acknowledged = { writer: this.#writer, batch, lineage }
    return this.#commitOf(plan)
  }

  #commitOf({ placements }: CommitPlan): Commit {
    return { key: this.#key, etag: this.#state?.etag ?? '', placements }
  }

  /** The answer that was lost, if the object says that the batch is in it. */
  #findLanded(attempt: Attempt, state: FileState): Commit | undefined {
    const { sent, batch } = attempt
    if (!sent) return undefined
    const fate = fateOf(sent, { writer: this.#writer, batch }, state)
    if (fate === 'landed') {
      this.#accept(sent.link)
      return this.#acknowledge(attempt, sent.plan)
    }
    if (fate === 'never') {
      if (sent.link) this.#clean([sent.link.id])
      attempt.sent = undefined
    }
    return undefined
  }

  /** Everything that has to stand before the write itself. */
  async #prepare(entries: readonly Entry[], base: FileState): Promise<Sent> {
    const { guard, target, mode } = this.#options
    await this.#bounded((signal, alive) => guard.requireConditions(signal, alive))
    const compose =
      mode === 'append' &&
      isComposable(base, target) &&
      (await this.#bounded((signal) => guard.checkCompose(signal)))
    if (entries.some(({ ledgerKey, group }) => (ledgerKey ?? group) !== undefined)) {
      await this.#bounded((signal) => this.#ledger.follow(base.record.ledger, signal))
    }
    const plan = planCommit(entries, base, this.#ledger)
    const link =
      plan.additions.length > 0
        ? await this.#bounded((signal) => this.#ledger.extend(plan.additions, signal))
        : undefined
    return { base, plan, link, compose, doubtful: false }
  }

  async #write(attempt: Attempt, sent: Sent): Promise<void> {
    attempt.sent = sent
    this.#state = await this.#send(
      attempt.batch,
      sent,
      sent.compose && this.#options.guard.canCompose,
    )
    this.#accept(sent.link)
  }

  async #send(batch: number, sent: Sent, compose: boolean): Promise<FileState> {
    const { singleWriter, guard, mode } = this.#options
    const { base, plan, link } = sent
    try {
      return await this.#bounded((signal, alive) =>
        (mode === 'upsert' ? writeUpsertState : writeState)(base, {
          ...this.#options,
          entries: plan.fresh,
          marks: withMark(base.record.marks, this.#writer, { batch, first: base.record.count }),
          ledger: link?.id ?? base.record.ledger,
          compose,
          heldBytes: this.#heldBytes,
          unconditional: singleWriter,
          signal,
          alive,
        }),
      )
    } catch (thrown) {
      const error = toTargetError(thrown)
      if (!compose || !isUnable(error)) throw error
      guard.giveUpCompose(error.message)
      return await this.#send(batch, sent, false)
    }
  }

  async #load(): Promise<FileState> {
    for (; this.#side <= MAX_SIDE_FILES; this.#side += 1) {
      this.#key = sideKey(this.#options.key, this.#side)
      const found = await this.#bounded((signal, alive) =>
        (this.#options.mode === 'upsert' ? loadUpsertState : loadState)({
          ...this.#options,
          key: this.#key,
          heldBytes: this.#heldBytes,
          lineage: this.#options.randomName,
          previous: this.#previous,
          signal,
          alive,
        }),
      )
      if (!('reason' in found)) return found
      this.#options.onUnreadable(found)
      this.#previous = undefined
      this.#ledger = this.#newLedger()
    }
    throw sideFilesUnreadable(this.#options.key)
  }

  /** Returns when another try makes sense, and throws the final error otherwise. */
  async #recover(attempt: Attempt, thrown: unknown): Promise<void> {
    const error = toTargetError(thrown)
    if (attempt.sent || isRefusal(error)) {
      this.#previous = this.#state ?? this.#previous
      this.#state = undefined
    }
    attempt.tries += 1
    if (attempt.sent && !isRefusal(error)) attempt.sent.doubtful = true
    await waitForNextTry(attempt, error, this.#options)
  }

  #accept(link: NewLink | undefined): void {
    const replaced = link?.accept() ?? []
    if (replaced.length > 0) this.#clean(replaced)
  }

  #clean(ids: readonly string[]): void {
    const ledger = this.#ledger
    this.#cleaning = this.#cleaning.then(() => ledger.discard(ids, this.#options.signal))
  }

  /** What can be composed needs no copy here. */
  get #heldBytes(): number {
    const { target, guard, maxHeldBytes } = this.#options
    const { compose } = target.capabilities
    return compose && guard.canCompose
      ? Math.min(maxHeldBytes, compose.minPartBytes - 1)
      : maxHeldBytes
  }

  #newLedger(): Ledger {
    const { target, idempotencyWindow, onLedgerMissing } = this.#options
    return new Ledger({
      target,
      fileKey: this.#key,
      window: idempotencyWindow,
      onMissing: onLedgerMissing,
    })
  }

  async #bounded<Result>(
    call: (signal: AbortSignal, alive: () => void) => Promise<Result>,
  ): Promise<Result> {
    const { requestTimeoutMs, signal } = this.#options
    return await boundedCall(call, { timeoutMs: requestTimeoutMs, signal })
  }
}
