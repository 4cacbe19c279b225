import { isIntegrationError } from '@mortise/errors'
import type { DownloadOptions, FileOptions, RequestOptions } from './download-options.ts'
import { type DownloadResult, downloadWith } from './download-to-file.ts'
import { readLimits } from './limits.ts'
import { toRequestError } from './request-error.ts'
import { createTransport, type Transport } from './transport.ts'

/** One of many downloads. */
export interface DownloadItem {
  url: string | URL
  path: string
  /** What differs for this one. */
  options?: (RequestOptions & FileOptions) | undefined
}

/** What came of one of many downloads. */
export type DownloadOutcome<Item extends DownloadItem = DownloadItem> =
  | { item: Item; result: DownloadResult; error?: undefined }
  | { item: Item; error: Error; result?: undefined }

/** How many run at a time. */
export interface ManyOptions {
  /** Downloads at a time. Default 16. */
  concurrency?: number | undefined
}

/**
 * Downloads many files over shared connections and yields what came of each as it ends; one that fails is an outcome
 * with `error`, the others go on. Items are taken as there is room, so they may be endless. Leaving the loop stops the rest.
 *
 * @throws {TypeError} when an option is not what it must be
 */
export async function* downloadMany<Item extends DownloadItem>(
  items: Iterable<Item> | AsyncIterable<Item>,
  options: DownloadOptions & ManyOptions = {},
): AsyncGenerator<DownloadOutcome<Item>, void, undefined> {
  await using transport = createTransport(options)
  yield* downloadManyWith(transport, items, options)
}

/** The same over connections that others share. */
export async function* downloadManyWith<Item extends DownloadItem>(
  transport: Transport,
  items: Iterable<Item> | AsyncIterable<Item>,
  options: RequestOptions & FileOptions & ManyOptions,
): AsyncGenerator<DownloadOutcome<Item>, void, undefined> {
  const { concurrency } = readLimits(options)
  const work = new ManyWork(items, (item, stop) => downloadItem(transport, item, options, stop))
  try {
    yield* work.outcomes(concurrency)
  } finally {
    await work.end()
  }
}

/** Items taken from their source as there is room, and the downloads that run. */
class ManyWork<Item extends DownloadItem> {
  readonly #source: Iterator<Item> | AsyncIterator<Item>
  readonly #download: (item: Item, stop: AbortSignal) => Promise<DownloadOutcome<Item>>
  readonly #stop = new AbortController()
  readonly #running = new Set<Promise<void>>()
  readonly #outcomes: DownloadOutcome<Item>[] = []
  #asking = false
  #exhausted = false
  #failure: { error: unknown } | undefined
  #changed = Promise.withResolvers<void>()

  constructor(
    items: Iterable<Item> | AsyncIterable<Item>,
    download: (item: Item, stop: AbortSignal) => Promise<DownloadOutcome<Item>>,
  ) {
    this.#source = iterate(items)
    this.#download = download
  }

  async *outcomes(concurrency: number): AsyncGenerator<DownloadOutcome<Item>, void, undefined> {
    for (;;) {
      const hasRoom = this.#running.size + this.#outcomes.length < concurrency
      if (hasRoom && !this.#asking && !this.#exhausted) void this.#takeNext()
      const outcome = this.#outcomes.shift()
      if (outcome !== undefined) yield outcome
      else if (this.#failure !== undefined) throw this.#failure.error
      else if (!this.#asking && this.#running.size === 0) return
      else {
        await this.#changed.promise
        this.#changed = Promise.withResolvers()
      }
    }
  }

  /** Stops what runs and waits for it. */
  async end(): Promise<void> {
    this.#stop.abort()
    await Promise.all(this.#running)
    if (!this.#exhausted) void Promise.resolve(this.#source.return?.()).catch(() => {})
  }

  async #takeNext(): Promise<void> {
    this.#asking = true
    try {
      const next = await this.#source.next()
      if (next.done) this.#exhausted = true
      else if (!this.#stop.signal.aborted) this.#start(next.value)
    } catch (error) {
      this.#exhausted = true
      this.#failure = { error }
    }
    this.#asking = false
    this.#changed.resolve()
  }

  #start(item: Item): void {
    const work = this.#download(item, this.#stop.signal).then((outcome) => {
      this.#running.delete(work)
      this.#outcomes.push(outcome)
      this.#changed.resolve()
    })
    this.#running.add(work)
  }
}

async function downloadItem<Item extends DownloadItem>(
  transport: Transport,
  item: Item,
  options: RequestOptions & FileOptions,
  stop: AbortSignal,
): Promise<DownloadOutcome<Item>> {
  const merged = { ...options, ...item.options }
  const signal = merged.signal === undefined ? stop : AbortSignal.any([merged.signal, stop])
  try {
    const result = await downloadWith(transport, item.url, item.path, { ...merged, signal })
    return { item, result }
  } catch (error) {
    return { item, error: toError(error) }
  }
}

function toError(error: unknown): Error {
  return error instanceof Error || isIntegrationError(error) ? error : toRequestError(error)
}

function iterate<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
): Iterator<Item> | AsyncIterator<Item> {
  return Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]()
}
