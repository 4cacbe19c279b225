import { Compactor } from './compactor.ts'
import { type Commit, DailyFile, type DailyFileOptions } from './daily-file.ts'
import { GroupCommit } from './group-commit.ts'
import { JournalWriter } from './journal.ts'
import type { ParsedOptions } from './parse-options.ts'
import type { Entry } from './profile.ts'
import { randomName } from './random-name.ts'
import { toTargetError } from './segments-errors.ts'
import type { UploadReceipt } from './segments-uploader.ts'
import type { SegmentsDiagnostic } from './uploader-options.ts'

/** One day: the queue before its file, and what works on the file. */
export interface Day {
  readonly queue: GroupCommit<Entry, UploadReceipt>
  /** Looks soon for what an earlier process left in the journal. */
  readonly wake: () => void
  /** Everything accepted is answered and, with a journal, folded into the file. */
  readonly flush: () => Promise<void>
  readonly close: () => Promise<void>
}

/** Opens the day whose file has this key. */
export function openDay(key: string, options: ParsedOptions): Day {
  const file = { ...options, ...reportsOf(options), key, randomName }
  return options.delivery === 'journal' ? openJournal(file, options) : openDirect(file, options)
}

/** The compactor of the day whose file has this key. */
export function openCompactor(key: string, options: ParsedOptions): Compactor {
  const leaseMs = Math.max(MIN_LEASE_MS, LEASE_INTERVALS * options.compactEveryMs)
  return new Compactor({ ...options, ...reportsOf(options), key, randomName, leaseMs })
}

const MIN_LEASE_MS = 1_000
const LEASE_INTERVALS = 3

function openDirect(file: DailyFileOptions, options: ParsedOptions): Day {
  const daily = new DailyFile(file)
  const queue = queueOf((entries) => daily.commit(entries), options)
  return {
    queue,
    wake: () => {},
    flush: async () => await queue.drain(),
    close: async () => {
      await queue.close()
      await daily.settle()
    },
  }
}

function openJournal(file: DailyFileOptions, options: ParsedOptions): Day {
  const journal = new JournalWriter(file)
  const compactor = openCompactor(file.key, options)
  const rhythm = new Rhythm(async () => {
    const done = await compactor.compactInTurn().catch((error: unknown) => {
      options.onDiagnostic(compactionFailed(file.key, error))
    })
    // Who has the claim goes on until nothing is left, also of what others wrote. The journal keeps it all meanwhile.
    if (done?.objects === 0) await compactor.release()
    else rhythm.wish()
  }, options)
  const queue = queueOf(async (entries) => {
    const commit = await journal.commit(entries)
    rhythm.wish()
    return commit
  }, options)
  const fold = async (drain: () => Promise<void>) => {
    await drain()
    await rhythm.stop()
    await compactor.compact()
  }
  return {
    queue,
    wake: () => rhythm.wish(),
    flush: async () => await fold(() => queue.drain()),
    close: async () => {
      await fold(() => queue.close())
      await compactor.release()
    },
  }
}

/** Runs work some time after it was wished for, never twice at once. */
class Rhythm {
  readonly #work: () => Promise<void>
  readonly #options: Pick<ParsedOptions, 'compactEveryMs' | 'random' | 'signal'>
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> = Promise.resolve()

  constructor(
    work: () => Promise<void>,
    options: Pick<ParsedOptions, 'compactEveryMs' | 'random' | 'signal'>,
  ) {
    this.#work = work
    this.#options = options
  }

  wish(): void {
    const { compactEveryMs, random, signal } = this.#options
    if (
      this.#timer !== undefined ||
      compactEveryMs === Number.POSITIVE_INFINITY ||
      signal.aborted
    ) {
      return
    }
    // Processes that began together part, so that mostly one of them finds work.
    const delayMs = compactEveryMs * (HALF + random() * HALF)
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#running = this.#running.then(this.#work)
    }, delayMs)
    this.#timer.unref()
  }

  async stop(): Promise<void> {
    this.#forget()
    await this.#running
    this.#forget() // what it wished for at its end
  }

  #forget(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}

const HALF = 0.5

function queueOf(
  commit: (entries: readonly Entry[]) => Promise<Commit>,
  options: ParsedOptions,
): Day['queue'] {
  return new GroupCommit({
    ...options,
    commit: async (entries) => {
      const { key, etag, placements } = await commit(entries)
      return placements.map((placement) => ({ key, etag, ...placement }))
    },
  })
}

function reportsOf({ onDiagnostic }: ParsedOptions) {
  const report = (code: SegmentsDiagnostic['code'], key: string, message: string) =>
    onDiagnostic({ code, key, message: `${key} ${message}` })
  return {
    onUnreadable: ({ key, reason }: { key: string; reason: string }) =>
      report('SEGMENTS_FILE_UNREADABLE', key, `is left as it is: ${reason}`),
    onLedgerMissing: (key: string) =>
      report('SEGMENTS_LEDGER_MISSING', key, 'is gone: events counted before may be counted again'),
    onBatchLost: (key: string) =>
      report(
        'SEGMENTS_BATCH_LOST',
        key,
        'lacks a batch that was acknowledged: an older version was put back, or the store does not keep conditions',
      ),
    onJournalUnreadable: (key: string) =>
      report('SEGMENTS_JOURNAL_UNREADABLE', key, 'is left as it is: it is damaged'),
  }
}

function compactionFailed(key: string, error: unknown): SegmentsDiagnostic {
  const { message } = toTargetError(error)
  return {
    code: 'SEGMENTS_COMPACTION_FAILED',
    key,
    message: `${key} could not be compacted now: ${message}`,
  }
}
