import { isIntegrationError } from '@mortise/errors'
import type { DownloadOptions, FileOptions, RequestOptions } from './download-options.ts'
import { type DownloadResult, downloadWith } from './download-to-file.ts'
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

const DEFAULT_CONCURRENCY = 16

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
  const concurrency = readConcurrency(options.concurrency)
  const stop = new AbortController()
  const source = iterate(items)
  const running = new Map<number, Promise<Finished<Item>>>()
  let upcoming: Promise<IteratorResult<Item>> | undefined
  let exhausted = false
  try {
    for (let count = 0; ; ) {
      if (!exhausted && running.size < concurrency) upcoming ??= Promise.resolve(source.next())
      if (upcoming === undefined && running.size === 0) return
      const waiting = upcoming === undefined ? [] : [upcoming]
      const event = await Promise.race([...running.values(), ...waiting])
      if ('outcome' in event) {
        running.delete(event.id)
        yield event.outcome
        continue
      }
      upcoming = undefined
      if (event.done) exhausted = true
      else {
        count += 1
        running.set(count, start(count, transport, event.value, options, stop.signal))
      }
    }
  } finally {
    stop.abort()
    await Promise.allSettled(running.values())
    if (!exhausted) void Promise.resolve(source.return?.()).catch(() => {})
  }
}

interface Finished<Item extends DownloadItem> {
  id: number
  outcome: DownloadOutcome<Item>
}

async function start<Item extends DownloadItem>(
  id: number,
  transport: Transport,
  item: Item,
  options: RequestOptions & FileOptions,
  stop: AbortSignal,
): Promise<Finished<Item>> {
  const merged = { ...options, ...item.options }
  const signal = merged.signal === undefined ? stop : AbortSignal.any([merged.signal, stop])
  try {
    const result = await downloadWith(transport, item.url, item.path, { ...merged, signal })
    return { id, outcome: { item, result } }
  } catch (error) {
    return { id, outcome: { item, error: toError(error) } }
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

function readConcurrency(value: number | undefined): number {
  if (value === undefined) return DEFAULT_CONCURRENCY
  if (Number.isInteger(value) && value > 0) return value
  throw new TypeError(`option concurrency must be an integer of 1 or more, received ${value}`)
}
