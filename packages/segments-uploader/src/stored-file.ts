import { boundedCall } from './bounded-call.ts'
import type { Sent, WriterBatch } from './commit-attempt.ts'
import { sideFilesUnreadable } from './commit-errors.ts'
import { planCommit } from './commit-plan.ts'
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

export interface StoredFileOptions {
  target: SegmentTarget
  guard: TargetGuard
  key: string
  format: SegmentsFormat
  mode: 'append' | 'upsert'
  idField: string
  maxHeldBytes: number
  requestTimeoutMs: number
  idempotencyWindow: number
  singleWriter: boolean
  randomName: () => string
  signal: AbortSignal
  /** Told once for each file that is left alone. */
  onUnreadable: (unreadable: Unreadable) => void
  onLedgerMissing: (key: string) => void
}

/**
 * One daily file in the store, as far as a writer knows it: its last version, the ledger beside it, and a side file in
 * its place where it cannot be read.
 */
export class StoredFile {
  readonly #options: StoredFileOptions
  #key: string
  #side = 0
  #state: FileState | undefined
  #previous: FileState | undefined
  #ledger: Ledger
  #cleaning: Promise<void> = Promise.resolve()

  constructor(options: StoredFileOptions) {
    this.#options = options
    this.#key = options.key
    this.#ledger = this.#newLedger()
  }

  get key(): string {
    return this.#key
  }

  /** The version that was read or written last, unless it is in doubt. */
  get known(): FileState | undefined {
    return this.#state
  }

  /** The version that stands there; asks the store where none is known. */
  async current(): Promise<FileState> {
    this.#state ??= await this.#load()
    return this.#state
  }

  /** Another version may stand there by now. */
  doubt(): void {
    this.#previous = this.#state ?? this.#previous
    this.#state = undefined
  }

  /** Everything that has to stand before the write itself. */
  async prepare(entries: readonly Entry[], base: FileState): Promise<Sent> {
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

  /** Writes the version after the one that was prepared for, under the condition that this one still stands. */
  async write(sent: Sent, by: WriterBatch): Promise<void> {
    this.#state = await this.#send(sent, by, sent.compose && this.#options.guard.canCompose)
    this.accept(sent.link)
  }

  /** The version that names this link of the ledger stands. */
  accept(link: NewLink | undefined): void {
    const replaced = link?.accept() ?? []
    if (replaced.length > 0) this.#clean(replaced)
  }

  /** No version will ever name this link. */
  discard(link: NewLink | undefined): void {
    if (link) this.#clean([link.id])
  }

  /** Resolves when nothing runs in the background any more. */
  async settle(): Promise<void> {
    await this.#cleaning
  }

  async #send(sent: Sent, by: WriterBatch, compose: boolean): Promise<FileState> {
    const { singleWriter, guard, mode } = this.#options
    const { base, plan, link } = sent
    const mark = { batch: by.batch, first: base.record.count }
    try {
      return await this.#bounded((signal, alive) =>
        (mode === 'upsert' ? writeUpsertState : writeState)(base, {
          ...this.#options,
          entries: plan.fresh,
          marks: withMark(base.record.marks, by.writer, mark),
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
      return await this.#send(sent, by, false)
    }
  }

  async #load(): Promise<FileState> {
    const { mode, key, format, randomName, onUnreadable } = this.#options
    for (; this.#side <= MAX_SIDE_FILES; this.#side += 1) {
      this.#key = sideKey(key, this.#side)
      const found = await this.#bounded((signal, alive) =>
        (mode === 'upsert' ? loadUpsertState : loadState)({
          ...this.#options,
          key: this.#key,
          heldBytes: this.#heldBytes,
          lineage: () => randomName() + format.tag,
          previous: this.#previous,
          signal,
          alive,
        }),
      )
      if (!('reason' in found)) return found
      onUnreadable(found)
      this.#previous = undefined
      this.#ledger = this.#newLedger()
    }
    throw sideFilesUnreadable(key)
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
