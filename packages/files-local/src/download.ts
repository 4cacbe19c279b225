import { setTimeout as sleep } from 'node:timers/promises'
import { DEFAULT_PROGRESS_INTERVAL_MS } from './limits.ts'
import type { DownloadProgress, ProgressMeter } from './progress.ts'

/**
 * A running download: a promise of its result, and its progress for `for await`. The loop ends with the download
 * and throws what the download rejects with.
 */
export interface Download<T> extends Promise<T>, AsyncIterable<DownloadProgress> {}

/** Joins a promise with the progress of the work behind it. */
export function asDownload<T>(
  work: Promise<T>,
  progress: ProgressMeter,
  intervalMs: number = DEFAULT_PROGRESS_INTERVAL_MS,
): Download<T> {
  return Object.assign(work, {
    [Symbol.asyncIterator]: () => watch(work, progress, intervalMs),
  })
}

async function* watch(
  work: Promise<unknown>,
  progress: ProgressMeter,
  intervalMs: number,
): AsyncGenerator<DownloadProgress> {
  const timer = new AbortController()
  const settled = work.then(
    () => true,
    () => true,
  )
  try {
    while (!(await Promise.race([settled, tick(intervalMs, timer.signal)]))) {
      yield progress.report()
    }
    await work
    yield progress.report()
  } finally {
    timer.abort()
  }
}

async function tick(ms: number, signal: AbortSignal): Promise<false> {
  await sleep(ms, undefined, { signal }).catch(() => {})
  return false
}
