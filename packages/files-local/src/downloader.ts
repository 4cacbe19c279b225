import type { Download } from './download.ts'
import {
  type DownloadItem,
  type DownloadOutcome,
  downloadManyWith,
  type ManyOptions,
} from './download-many.ts'
import type {
  ConnectionOptions,
  FileOptions,
  OpenOptions,
  RequestOptions,
} from './download-options.ts'
import {
  type DownloadStreamAnswer,
  type DownloadStreamParams,
  type DownloadStreamSuccess,
  downloadStreamWith,
} from './download-stream.ts'
import { type DownloadResult, startDownload } from './download-to-file.ts'
import { type OpenedDownload, openWith } from './open-download.ts'
import { createTransport } from './transport.ts'

/** The functions of this package over connections that they share. Options of a call go before those of the downloader. */
export interface Downloader extends AsyncDisposable {
  downloadStream<T = void>(
    params: DownloadStreamParams<T>,
    options?: RequestOptions,
  ): Promise<DownloadStreamSuccess | DownloadStreamAnswer<T>>
  downloadToFile(
    url: string | URL,
    path: string,
    options?: RequestOptions & FileOptions,
  ): Download<DownloadResult>
  openDownload(url: string | URL, options?: RequestOptions): Promise<OpenedDownload>
  downloadMany<Item extends DownloadItem>(
    items: Iterable<Item> | AsyncIterable<Item>,
    options?: RequestOptions & FileOptions & ManyOptions,
  ): AsyncGenerator<DownloadOutcome<Item>, void, undefined>
  /** Closes the connections; downloads under way fail. */
  close(): Promise<void>
}

/**
 * Keeps connections open between downloads. Close it at the end, or declare it with `await using`.
 *
 * @throws {TypeError} when an option is not what it must be
 */
export function createDownloader(options: OpenOptions & ConnectionOptions = {}): Downloader {
  const transport = createTransport(options)
  const close = async (): Promise<void> => transport[Symbol.asyncDispose]()
  return {
    downloadStream: (params, own) => downloadStreamWith(transport, params, { ...options, ...own }),
    downloadToFile: (url, path, own) => startDownload(transport, url, path, { ...options, ...own }),
    openDownload: (url, own) => openWith(transport, url, { ...options, ...own }),
    downloadMany: (items, own) => downloadManyWith(transport, items, { ...options, ...own }),
    close,
    [Symbol.asyncDispose]: close,
  }
}
