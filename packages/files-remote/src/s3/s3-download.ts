import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import type { ResolvedRange } from '../byte-range.ts'
import { checkDownload, checkSizeLimit } from '../download-object.ts'
import type { DownloadRequest, DownloadResult } from '../download-request.ts'
import { localFileFailed } from '../read-body.ts'
import { objectNotFound, preconditionFailed, throwIfAborted } from '../storage-errors.ts'
import { temporaryPath } from '../write-file-whole.ts'
import { combineCrc32, crc32, toBase64 } from './crc32.ts'
import { checksumMismatch } from './s3-body.ts'
import type { S3Bucket } from './s3-bucket.ts'
import { openRangeFetcher, type RangeFetcher, type RangeSource } from './s3-range.ts'
import { headS3, type S3Head } from './s3-stat.ts'

/** Below this a connection of its own costs more than it gains. */
const DIRECT_BYTES = 4 * 1024 * 1024

/**
 * Fetches an object to a file: ranges side by side, each written to its place as it comes, none held in memory.
 * The CRC-32 of the ranges together must be the stored one. The file takes its name when all of it is right.
 */
export async function downloadFromS3(
  bucket: S3Bucket,
  request: DownloadRequest,
): Promise<DownloadResult> {
  checkDownload(request)
  throwIfAborted(request.signal)
  const { key, path, maxBytes, ifMatch, signal } = request
  const head = await headS3(bucket, { key, signal })
  if (!head) throw objectNotFound(key)
  if (ifMatch !== undefined && ifMatch !== head.stat.etag) throw preconditionFailed(key)
  checkSizeLimit(head.stat.sizeBytes, maxBytes)
  const temporary = temporaryPath(path)
  const fail = (error: unknown): never => {
    throw localFileFailed(path, error)
  }
  try {
    const handle = await open(temporary, 'wx').catch(fail)
    try {
      await fetchInto(bucket, { request, head, handle })
      if (request.durable) await handle.sync().catch(fail)
    } finally {
      await handle.close()
    }
    await rename(temporary, path).catch(fail)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  return { ...head.stat, verified: isVerified(bucket, head) }
}

interface Transfer {
  readonly request: DownloadRequest
  readonly head: S3Head
  readonly handle: FileHandle
}

async function fetchInto(bucket: S3Bucket, { request, head, handle }: Transfer): Promise<void> {
  const { stat, checksum } = head
  const verify = isVerified(bucket, head)
  const ranges = cut(stat.sizeBytes, bucket.partBytes)
  const crcs: number[] = []
  const stop = new AbortController()
  const signal = request.signal ? AbortSignal.any([request.signal, stop.signal]) : stop.signal
  const source: RangeSource = { key: request.key, etag: stat.etag, signal }
  const direct = stat.sizeBytes >= DIRECT_BYTES
  let transferredBytes = 0
  let next = 0

  const work = async (fetcher: RangeFetcher): Promise<void> => {
    while (next < ranges.length) {
      const index = next++
      const range = ranges[index] as ResolvedRange
      let position = range.start
      crcs[index] = 0
      await fetcher.fetch(range, async (bytes) => {
        const at = position
        position += bytes.length
        if (verify) crcs[index] = crc32(bytes, crcs[index])
        await writeAll(handle, bytes, at).catch((error: unknown) => {
          throw localFileFailed(request.path, error)
        })
        transferredBytes += bytes.length
        request.onProgress?.({ transferredBytes, totalBytes: stat.sizeBytes })
      })
    }
  }

  const workers = Array.from({ length: Math.min(bucket.concurrency, ranges.length) }, () => {
    const fetcher = openRangeFetcher(bucket, source, { direct })
    return work(fetcher)
      .catch((error: unknown) => stop.abort(error))
      .finally(() => fetcher[Symbol.dispose]())
  })
  await Promise.all(workers)
  throwIfAborted(request.signal)
  if (stop.signal.aborted) throw stop.signal.reason
  const whole = ranges.reduce(
    (crc, { start, end }, index) => combineCrc32(crc, crcs[index] ?? 0, end + 1 - start),
    0,
  )
  if (verify && toBase64(whole) !== checksum) throw checksumMismatch(request.key)
}

function isVerified({ checksums }: S3Bucket, { checksum }: S3Head): boolean {
  return checksums === 'crc32' && checksum !== undefined
}

function cut(sizeBytes: number, partBytes: number): ResolvedRange[] {
  const ranges: ResolvedRange[] = []
  for (let start = 0; start < sizeBytes; start += partBytes) {
    ranges.push({ start, end: Math.min(start + partBytes, sizeBytes) - 1 })
  }
  return ranges
}

async function writeAll(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    const { bytesWritten } = await handle.write(
      bytes,
      written,
      bytes.length - written,
      position + written,
    )
    written += bytesWritten
  }
}
