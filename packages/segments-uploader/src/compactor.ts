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
/** So many of them are folded in one commit. */
const MAX_OBJECTS = 1_000
/** Folded names have to be remembered also where no keys of events are: a name that was not removed in time returns. */
const MIN_WINDOW = 10 * MAX_OBJECTS
/** So many names are held; what waits beyond them is for the next time. */
const MAX_NAMES = 100_000
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
    const idempotencyWindow = Math.max(options.idempotencyWindow, MIN_WINDOW)
    this.#file = new DailyFile({ ...options, idempotencyWindow })
    this.#holder = options.randomName()
  }

  /** Folds what is there. What others add meanwhile waits for the next time, so there is an end to it. */
  async compact(): Promise<Compaction> {
    return await this.#foldAll(() => Promise.resolve(true))
  }

  /** The same, unless another process has claimed the work: `undefined` then. */
  async compactInTurn(): Promise<Compaction | undefined> {
    const claim = () => this.#claim()
    return (await claim()) ? await this.#foldAll(claim) : undefined
  }

  /** Lets others compact at once. */
  async release(): Promise<void> {
    await this.#lease?.release().catch(() => {}) // it ends by itself
    this.#lease = undefined
    await this.#file.settle()
  }

  async #foldAll(mayGoOn: () => Promise<boolean>): Promise<Compaction> {
    let total = NOTHING
    for (const names of await this.#names()) {
      if (!(await mayGoOn())) break
      const done = await this.#fold(names)
      total = { objects: total.objects + done.objects, profiles: total.profiles + done.profiles }
    }
    return total
  }

  async #claim(): Promise<boolean> {
    this.#lease = await retry(
      (signal) => takeLease({ ...this.#options, holder: this.#holder, signal }, this.#lease),
      this.#options,
    )
    return this.#lease !== undefined
  }

  /** What waits now, in portions that are one commit each and small enough to hold. */
  async #names(): Promise<string[][]> {
    const { target, key, maxBatchBytes } = this.#options
    return await retry(async () => {
      const portions: string[][] = []
      let [names, bytes]: [number, number] = [0, Number.POSITIVE_INFINITY]
      for await (const entry of target.list({ prefix: journalPrefix(key) })) {
        if (entry.kind !== 'object' || this.#unreadable.has(entry.key)) continue
        bytes += entry.sizeBytes
        if (bytes > maxBatchBytes || portions.at(-1)?.length === MAX_OBJECTS) {
          portions.push([])
          bytes = entry.sizeBytes
        }
        portions.at(-1)?.push(entry.key)
        names += 1
        if (names === MAX_NAMES) break
      }
      return portions
    }, this.#options)
  }

  async #read(key: string): Promise<JournalObject | undefined> {
    try {
      const entries = await retry(async (signal) => {
        const { body } = await this.#options.target.get({ key, signal })
        return await decodeJournal(key, body).catch(unlessDamaged)
      }, this.#options)
      if (entries) return { key, entries }
    } catch (error) {
      if (isObjectMissing(error)) return undefined // another process folded it
      throw error
    }
    this.#unreadable.add(key)
    this.#options.onJournalUnreadable(key)
    return undefined
  }

  async #fold(names: readonly string[]): Promise<Compaction> {
    const found = await mapLimited(names, (key) => this.#read(key))
    const objects = found.filter((object) => object !== undefined)
    if (objects.length === 0) return NOTHING
    const { placements } = await this.#file.commit(objects.flatMap(({ entries }) => entries))
    const { target } = this.#options
    await mapLimited(objects, ({ key }) =>
      retry((signal) => target.delete({ key, signal }), this.#options),
    )
    const profiles = placements.filter(({ duplicate }) => !duplicate).length
    return { objects: objects.length, profiles }
  }
}

function unlessDamaged(error: unknown): undefined {
  if (!(error instanceof SyntaxError)) throw error
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
