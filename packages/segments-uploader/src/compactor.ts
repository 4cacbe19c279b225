import { type Lease, takeLease } from './compactor-lease.ts'
import { DailyFile, type DailyFileOptions } from './daily-file.ts'
import { decodeJournal, journalPrefix } from './journal.ts'
import type { Entry } from './profile.ts'
import { retry } from './retry.ts'
import { isObjectMissing } from './segments-errors.ts'

export interface CompactorOptions extends DailyFileOptions {
  maxBatchBytes: number
  /** How long the claim of a process to compact alone lasts; others wait so long when it dies. */
  leaseMs: number
  now: () => number
  onJournalUnreadable: (key: string) => void
}

/** What a compaction did. */
export interface Compaction {
  /** The journal objects that were folded and removed. */
  readonly objects: number
  /** The profiles that the daily file got. */
  readonly profiles: number
}

interface JournalObject {
  readonly key: string
  readonly entries: readonly Entry[]
}

/** So many journal objects are read or removed at once. */
const CONCURRENCY = 16
/** So many names are taken in one go. */
const MAX_NAMES = 1_000
const NOTHING: Compaction = { objects: 0, profiles: 0 }

/**
 * Folds the journal of one file into the file, each object exactly once: the commit that adds its entries also
 * records its name, and only then it is removed. Any process may do it at any time; who dies in between leaves
 * work for the next one, never a gap.
 */
export class Compactor {
  readonly #options: CompactorOptions
  readonly #file: DailyFile
  readonly #unreadable = new Set<string>()
  readonly #holder: string
  #lease: Lease | undefined

  constructor(options: CompactorOptions) {
    this.#options = options
    this.#file = new DailyFile(options)
    this.#holder = options.randomName()
  }

  /** Folds what is there, unless another process has claimed the work; `force` folds in any case. */
  async compact({ force = false } = {}): Promise<Compaction> {
    if (!force && !(await this.#claim())) return NOTHING
    let total = NOTHING
    for (;;) {
      const names = await this.#names()
      if (names.length === 0) return total
      const batches = await this.#batches(names)
      if (batches.length === 0) return total
      for (const objects of batches) {
        const done = await this.#fold(objects)
        total = { objects: total.objects + done.objects, profiles: total.profiles + done.profiles }
      }
    }
  }

  /** Lets others compact at once. */
  async release(): Promise<void> {
    await this.#lease?.release().catch(() => {}) // it ends by itself
    await this.#file.settle()
  }

  async #claim(): Promise<boolean> {
    this.#lease = await retry(
      (signal) => takeLease({ ...this.#options, holder: this.#holder, signal }, this.#lease),
      this.#options,
    )
    return this.#lease !== undefined
  }

  async #names(): Promise<string[]> {
    return await retry(async () => {
      const names: string[] = []
      for await (const entry of this.#options.target.list({
        prefix: journalPrefix(this.#options.key),
      })) {
        if (entry.kind !== 'object' || this.#unreadable.has(entry.key)) continue
        names.push(entry.key)
        if (names.length === MAX_NAMES) break
      }
      return names
    }, this.#options)
  }

  /** Reads objects and divides them into commits of bounded size. */
  async #batches(names: readonly string[]): Promise<JournalObject[][]> {
    const batches: JournalObject[][] = [[]]
    let bytes = 0
    const objects = await mapLimited(names, (key) => this.#read(key))
    for (const object of objects) {
      if (!object) continue
      const size = object.entries.reduce((sum, entry) => sum + entry.bytes.length, 0)
      if (bytes > 0 && bytes + size > this.#options.maxBatchBytes) {
        batches.push([])
        bytes = 0
      }
      batches.at(-1)?.push(object)
      bytes += size
    }
    return batches.filter(({ length }) => length > 0)
  }

  async #read(key: string): Promise<JournalObject | undefined> {
    try {
      const bytes = await retry(async (signal) => {
        const { body } = await this.#options.target.get({ key, signal })
        const chunks: Uint8Array[] = []
        for await (const chunk of body) chunks.push(chunk)
        return Buffer.concat(chunks)
      }, this.#options)
      return { key, entries: decodeJournal(key, bytes) }
    } catch (error) {
      if (isObjectMissing(error)) return undefined // another process folded it
      if (!(error instanceof SyntaxError)) throw error
      this.#unreadable.add(key)
      this.#options.onJournalUnreadable(key)
      return undefined
    }
  }

  async #fold(objects: readonly JournalObject[]): Promise<Compaction> {
    const entries = objects.flatMap((object) => object.entries)
    const { placements } = await this.#file.commit(entries)
    const { target } = this.#options
    await mapLimited(objects, ({ key }) =>
      retry((signal) => target.delete({ key, signal }), this.#options),
    )
    const profiles = placements.filter(({ duplicate }) => !duplicate).length
    return { objects: objects.length, profiles }
  }
}

async function mapLimited<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  for (let start = 0; start < items.length; start += CONCURRENCY) {
    results.push(...(await Promise.all(items.slice(start, start + CONCURRENCY).map(work))))
  }
  return results
}
