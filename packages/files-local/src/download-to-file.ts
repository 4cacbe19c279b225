import type { ContentPipeline } from './content-pipeline.ts'
import { createContentPipeline } from './content-pipeline.ts'
import { callerDigest } from './digests.ts'
import { asDownload, type Download } from './download.ts'
import { permanent, transient } from './download-error.ts'
import {
  type DownloadOptions,
  type FileOptions,
  type RequestOptions,
  readLimits,
} from './download-options.ts'
import { type DownloadRequest, prepareRequest } from './download-request.ts'
import { fileNameOf } from './file-name.ts'
import { type FileTarget, openFileTarget } from './file-target.ts'
import { FileWriter } from './file-writer.ts'
import { headerOf } from './header-of.ts'
import { ProgressMeter } from './progress.ts'
import { ProgressReporter } from './progress-reporter.ts'
import { type TransferReport, type TransferTarget, transfer } from './transfer.ts'
import { createTransport, type Transport } from './transport.ts'

/** What came of a download. */
export interface DownloadResult {
  /** Where the file is, symbolic links resolved. */
  path: string
  /** Size of the file. */
  bytes: number
  /** Bytes received; fewer than `bytes` if the server compressed. */
  wireBytes: number
  /** Media type, as the server gave it. */
  mediaType: string | undefined
  /** A safe name for the file: from `Content-Disposition`, else from the address. */
  fileName: string
  /** The entity tag of the version that arrived. */
  etag: string | undefined
  /** Where the file came from, after redirects. It may hold a secret of the server. */
  url: string
  redirects: number
  attempts: number
  /** Attempts that went on where the one before had stopped. */
  resumed: number
  durationMs: number
  /** What shows that nothing is missing, the strongest first: a digest, the length, the framing, or only an orderly close. */
  completeness: 'digest' | 'length' | 'framing' | 'close'
}

/**
 * Downloads to a file that appears under its name only when it is complete. The answer is a promise of the result and,
 * for `for await`, the progress.
 *
 * @throws {IntegrationError} with a `FILES_LOCAL_…` code, see the README
 * @throws {TypeError} when an option is not what it must be
 */
export function downloadToFile(
  url: string | URL,
  path: string,
  options: DownloadOptions = {},
): Download<DownloadResult> {
  const progress = new ProgressMeter()
  const work = async (): Promise<DownloadResult> => {
    await using transport = createTransport(options)
    return await downloadWith(transport, url, path, options, progress)
  }
  return asDownload(work(), progress, readLimits(options).progressIntervalMs)
}

/** The same over connections that others share. */
export function startDownload(
  transport: Transport,
  url: string | URL,
  path: string,
  options: RequestOptions & FileOptions,
): Download<DownloadResult> {
  const progress = new ProgressMeter()
  const work = downloadWith(transport, url, path, options, progress)
  return asDownload(work, progress, readLimits(options).progressIntervalMs)
}

/** The same without progress to iterate. */
export async function downloadWith(
  transport: Transport,
  url: string | URL,
  path: string,
  options: RequestOptions & FileOptions,
  progress = new ProgressMeter(),
): Promise<DownloadResult> {
  const startedAt = performance.now()
  const expected = callerDigest(options.sha256)
  using request = prepareRequest(url, options, {
    transport,
    lifetime: options.onData === undefined ? 'lent' : (options.onDataChunks ?? 'owned'),
    progress,
  })
  const file = await openFileTarget(path, options)
  try {
    const target = new FileTransfer(file, request, { ...options, expected })
    await using reporter = new ProgressReporter(request, options.onProgress)
    const report = await settleWith(target, transfer(request, target))
    await file.commit()
    await reporter.finish()
    return toResult(file, target, report, performance.now() - startedAt)
  } catch (error) {
    await file.discard()
    throw error
  }
}

/** A failed transfer may still have writes under way; the file must not be closed before they are over. */
async function settleWith<T>(target: FileTransfer, work: Promise<T>): Promise<T> {
  try {
    return await work
  } finally {
    await target.settle()
  }
}

class FileTransfer implements TransferTarget {
  readonly #file: FileTarget
  readonly #options: Parameters<typeof createContentPipeline>[1]
  #writer: FileWriter
  #content: ContentPipeline | undefined

  constructor(
    file: FileTarget,
    request: DownloadRequest,
    options: RequestOptions & FileOptions & { expected: ReturnType<typeof callerDigest> },
  ) {
    this.#file = file
    this.#options = {
      limits: request.limits,
      decompress: options.decompress !== false,
      verifyServerDigests: options.verifyServerDigests !== false,
      expected: options.expected,
      onData: options.onData,
    }
    this.#writer = this.#newWriter()
  }

  get bytes(): number {
    return this.#content?.bytes ?? 0
  }

  get checksDigest(): boolean {
    return this.#content?.checksDigest ?? false
  }

  async begin(exchange: Parameters<TransferTarget['begin']>[0]): Promise<void> {
    await this.settle()
    if (this.bytes > 0) await this.#file.handle.truncate(0)
    this.#writer = this.#newWriter()
    this.#content = createContentPipeline(exchange, this.#options, (chunk) => this.#write(chunk))
  }

  write = (chunk: Buffer): void | Promise<void> => this.#content?.write(chunk)

  async end(): Promise<void> {
    await this.#content?.end()
    await this.#writer.flush().catch(toWriteError)
  }

  canBeginAgain(): boolean {
    return this.bytes === 0 || (this.#file.seekable && this.#options.onData === undefined)
  }

  async settle(): Promise<void> {
    this.#content?.destroy()
    await this.#writer.settle()
  }

  #newWriter(): FileWriter {
    return new FileWriter(this.#file.handle.fd, this.#file.seekable ? 0 : null)
  }

  #write(chunk: Buffer): void | Promise<void> {
    try {
      return this.#writer.write(chunk)?.catch(toWriteError)
    } catch (error) {
      return toWriteError(error)
    }
  }
}

const DISK_FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

function toWriteError(cause: unknown): never {
  const { code = '', message } = cause as NodeJS.ErrnoException
  if (DISK_FULL.has(code)) {
    throw transient('there is no space left for the file', { code: 'FILES_LOCAL_DISK_FULL', cause })
  }
  throw permanent(`the file could not be written: ${message}`, {
    code: 'FILES_LOCAL_WRITE_FAILED',
    cause,
  })
}

function toResult(
  file: FileTarget,
  target: FileTransfer,
  { exchange, ...report }: TransferReport,
  durationMs: number,
): DownloadResult {
  const { headers } = exchange
  return {
    path: file.path,
    bytes: target.bytes,
    wireBytes: report.wireBytes,
    mediaType: headerOf(headers, 'content-type'),
    fileName: fileNameOf(headerOf(headers, 'content-disposition'), exchange.url),
    etag: headerOf(headers, 'etag'),
    url: exchange.url.href,
    redirects: exchange.redirects,
    attempts: report.attempts,
    resumed: report.resumed,
    durationMs,
    completeness: target.checksDigest ? 'digest' : report.completeness,
  }
}
