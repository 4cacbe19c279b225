import { Readable } from 'node:stream'
import { type ContentPipeline, createContentPipeline } from './content-pipeline.ts'
import { parseLength } from './content-range.ts'
import { callerDigest } from './digests.ts'
import type { OpenOptions, RequestOptions } from './download-options.ts'
import { type DownloadRequest, prepareRequest } from './download-request.ts'
import { fileNameOf } from './file-name.ts'
import { headerOf } from './header-of.ts'
import { ProgressMeter } from './progress.ts'
import { ProgressReporter } from './progress-reporter.ts'
import type { ResponseHead } from './response-receiver.ts'
import { ownChunk } from './slab.ts'
import { transfer } from './transfer.ts'
import type { TransferTarget } from './transfer-target.ts'
import { createTransport, type Transport } from './transport.ts'

/** A download that is under way. */
export interface OpenedDownload {
  /**
   * The content. It ends only when it is complete and every digest is right, and errors otherwise; destroying it
   * gives the download up.
   */
  stream: Readable
  /** Media type, as the server gave it. */
  mediaType: string | undefined
  /** Size of the content in bytes, when the server said so and it is not compressed. */
  size: number | undefined
  /** A safe name for the file: from `Content-Disposition`, else from the address. */
  fileName: string
  etag: string | undefined
  /** Where the content comes from, after redirects. It may hold a secret of the server. */
  url: string
}

/** Content waiting for the reader; then the server is asked to pause. */
const READ_AHEAD_BYTES = 1024 * 1024

/**
 * Asks for a URL and answers as soon as the server does, with a stream of the content.
 *
 * A broken connection is resumed if the server vouches for the same version; nothing is ever sent twice.
 *
 * @throws {IntegrationError} with a `FILES_LOCAL_…` code, see the README; later failures are errors of the stream
 * @throws {TypeError} when an option is not what it must be
 */
export async function openDownload(
  url: string | URL,
  options: OpenOptions = {},
): Promise<OpenedDownload> {
  const transport = createTransport(options)
  try {
    const opened = await openWith(transport, url, options)
    opened.stream.once('close', () => void transport[Symbol.asyncDispose]())
    return opened
  } catch (error) {
    await transport[Symbol.asyncDispose]()
    throw error
  }
}

/** The same over connections that others share. */
export async function openWith(
  transport: Transport,
  url: string | URL,
  options: RequestOptions,
): Promise<OpenedDownload> {
  const expected = callerDigest(options.sha256)
  const request = prepareRequest(url, options, {
    transport,
    progress: new ProgressMeter(),
  })
  const target = new StreamTransfer(request, (head, consume) =>
    createContentPipeline(
      head,
      {
        limits: request.limits,
        decompress: options.decompress !== false,
        verifyServerDigests: options.verifyServerDigests !== false,
        expected,
      },
      consume,
    ),
  )
  void run(request, target, new ProgressReporter(request, options.onProgress))
  const head = await target.head
  return {
    stream: target.stream,
    mediaType: headerOf(head.headers, 'content-type'),
    size: target.compressed ? undefined : parseLength(headerOf(head.headers, 'content-length')),
    fileName: fileNameOf(headerOf(head.headers, 'content-disposition'), head.url),
    etag: headerOf(head.headers, 'etag'),
    url: head.url.href,
  }
}

async function run(
  request: DownloadRequest,
  target: StreamTransfer,
  reporter: ProgressReporter,
): Promise<void> {
  try {
    await transfer(request, target)
    await reporter.finish()
    target.finish()
  } catch (error) {
    target.fail(error as Error)
  } finally {
    await reporter[Symbol.asyncDispose]()
    request[Symbol.dispose]()
  }
}

type Head = ResponseHead & { url: URL }
type MakePipeline = (
  head: Head,
  consume: (chunk: Buffer) => void | Promise<void>,
) => ContentPipeline

class StreamTransfer implements TransferTarget {
  readonly stream: Readable
  readonly head: Promise<Head>
  compressed = false
  readonly #makePipeline: MakePipeline
  readonly #headSettled = Promise.withResolvers<Head>()
  #content: ContentPipeline | undefined
  /** Whether somebody has the stream, who will see its error. */
  #opened = false
  #wanted: PromiseWithResolvers<void> | undefined

  constructor(request: DownloadRequest, makePipeline: MakePipeline) {
    this.head = this.#headSettled.promise
    this.#makePipeline = makePipeline
    this.stream = new Readable({
      highWaterMark: READ_AHEAD_BYTES,
      read: () => this.#resume(),
      destroy: (error, callback) => {
        request.abort(error ?? new Error('the stream was destroyed'))
        this.#resume()
        callback(error)
      },
    })
  }

  begin(exchange: Head): void {
    this.compressed = exchange.headers['content-encoding'] !== undefined
    this.#content?.destroy()
    this.#content = this.#makePipeline(exchange, (chunk) => this.#push(ownChunk(chunk)))
    this.#opened = true
    this.#headSettled.resolve(exchange)
  }

  write = (chunk: Buffer): void | Promise<void> => this.#content?.write(chunk)

  async end(): Promise<void> {
    await this.#content?.end()
  }

  canBeginAgain(): boolean {
    return (this.#content?.bytes ?? 0) === 0
  }

  finish(): void {
    this.stream.push(null)
  }

  fail(error: Error): void {
    this.#content?.destroy()
    this.#headSettled.reject(error)
    this.stream.destroy(this.#opened ? error : undefined)
  }

  #push(chunk: Buffer): void | Promise<void> {
    if (this.stream.push(chunk) || this.stream.destroyed) return undefined
    this.#wanted ??= Promise.withResolvers()
    return this.#wanted.promise
  }

  #resume(): void {
    this.#wanted?.resolve()
    this.#wanted = undefined
  }
}
