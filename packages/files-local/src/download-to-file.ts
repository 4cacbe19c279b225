import type { ContentOptions } from './content-pipeline.ts'
import { callerDigest } from './digests.ts'
import { asDownload, type Download } from './download.ts'
import type { DownloadOptions, FileOptions, RequestOptions } from './download-options.ts'
import { type DownloadRequest, prepareRequest } from './download-request.ts'
import { fileNameOf } from './file-name.ts'
import { type FileTarget, openFileTarget } from './file-target.ts'
import { FileTransfer, toWriteError } from './file-transfer.ts'
import { headerOf } from './header-of.ts'
import { type Moved, openFirstPart, transferInParts } from './parallel-transfer.ts'
import { ProgressMeter } from './progress.ts'
import { ProgressReporter } from './progress-reporter.ts'
import { ownChunk } from './slab.ts'
import { type TransferOptions, transfer } from './transfer.ts'
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
  return asDownload(work(), progress, options.progressIntervalMs)
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
  return asDownload(work, progress, options.progressIntervalMs)
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
  checkFileOptions(options)
  using request = prepareRequest(url, options, {
    transport,
    progress,
  })
  const file = await openFileTarget(path, request.url, options)
  try {
    const content = {
      limits: request.limits,
      decompress: options.decompress !== false,
      verifyServerDigests: options.verifyServerDigests !== false,
      expected,
      onData: readOnData(options),
    }
    await using reporter = options.onProgress && new ProgressReporter(request, options.onProgress)
    const moved = await move(request, file, content)
    await reporter?.finish()
    request.signal.throwIfAborted()
    await file.commit().catch(toWriteError)
    return toResult(file, moved, performance.now() - startedAt)
  } catch (error) {
    await file.discard(error)
    throw error
  }
}

async function move(
  request: DownloadRequest,
  file: FileTarget,
  content: ContentOptions,
): Promise<Moved> {
  const { connections } = request.limits
  const inParts = connections > 1 && file.seekable
  const first = inParts ? await openFirstPart(request) : undefined
  const moved = first && (await transferInParts(request, file, content, { first, connections }))
  return moved ?? asWhole({ ...request, first }, new FileTransfer(file, content))
}

/** A failed transfer may still have writes under way; the file must not be closed before they are over. */
async function asWhole(request: TransferOptions, target: FileTransfer): Promise<Moved> {
  try {
    const report = await transfer(request, target)
    return { report, bytes: target.bytes, checksDigest: target.checksDigest }
  } finally {
    await target.settle()
  }
}

/** Chunks lie in memory that is used again: what the caller may keep is a copy. */
function readOnData({ onData, onDataChunks }: FileOptions): FileOptions['onData'] {
  if (onData === undefined || onDataChunks === 'lent') return onData
  return (chunk, bytesSoFar) => onData(ownChunk(chunk), bytesSoFar)
}

/** All permission bits. */
const MAX_MODE = 0o7777

function checkFileOptions(options: RequestOptions & FileOptions): void {
  const { resume, onData, connections = 1, fsync, onDataChunks, mode = 0 } = options
  if (resume && onData !== undefined) throw exclusive('resume', 'onData')
  if (resume && connections > 1) throw exclusive('resume', 'connections')
  if (connections > 1 && onData !== undefined) throw exclusive('connections', 'onData')
  requireOneOf('fsync', fsync, ['none', 'file', 'file-and-folder'])
  requireOneOf('onDataChunks', onDataChunks, ['owned', 'lent'])
  if (!Number.isInteger(mode) || mode < 0 || mode > MAX_MODE) {
    throw new TypeError(`option mode must be permission bits such as 0o644, received ${mode}`)
  }
}

function exclusive(one: string, other: string): TypeError {
  return new TypeError(`options ${one} and ${other} exclude each other, leave one out`)
}

function requireOneOf(name: string, value: unknown, values: readonly string[]): void {
  if (value === undefined || values.includes(value as string)) return
  throw new TypeError(`option ${name} must be ${values.join(' or ')}, received ${String(value)}`)
}

function toResult(
  file: FileTarget,
  { bytes, checksDigest, report: { exchange, ...report } }: Moved,
  durationMs: number,
): DownloadResult {
  const { headers } = exchange
  return {
    path: file.path,
    bytes,
    wireBytes: report.wireBytes,
    mediaType: headerOf(headers, 'content-type'),
    fileName: fileNameOf(headerOf(headers, 'content-disposition'), exchange.url),
    etag: headerOf(headers, 'etag'),
    url: exchange.url.href,
    redirects: exchange.redirects,
    attempts: report.attempts,
    resumed: report.resumed,
    durationMs,
    completeness: checksDigest ? 'digest' : report.completeness,
  }
}
