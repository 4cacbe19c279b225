import { UploadPartCopyCommand } from '@aws-sdk/client-s3'
import { resolveRange } from '../byte-range.ts'
import {
  objectNotFound,
  preconditionFailed,
  storageError,
  throwIfAborted,
} from '../storage-errors.ts'
import type { ComposePart, ComposeRequest, PutResult } from '../storage-provider.ts'
import { copySource, quotedEtag, type S3Bucket, sendS3, target } from './s3-bucket.ts'
import { newWriteToken, sendConditional, withToken } from './s3-conditions.ts'
import {
  abortMultipart,
  beginMultipart,
  completeMultipart,
  MIN_PART_BYTES,
  type S3Multipart,
  type StoredPart,
} from './s3-multipart.ts'
import { bytesBody } from './s3-part-body.ts'
import { putToS3 } from './s3-put.ts'
import { sendPart } from './s3-send-part.ts'
import { headS3 } from './s3-stat.ts'

/** The most bytes of one copy. @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html */
export const MAX_COPY_BYTES = 5 * 1024 ** 3

/** A stretch of a stored object, of one version, short enough to be copied as one part. */
interface Stretch {
  readonly key: string
  readonly etag: string
  readonly start: number
  readonly end: number
}

type Piece = Stretch | { readonly body: Uint8Array }

/** Makes an object of stored ranges and new bytes: the storage copies, only the new bytes travel. */
export async function composeInS3(bucket: S3Bucket, request: ComposeRequest): Promise<PutResult> {
  const { key, ifMatch, ifNoneMatch, signal } = request
  const located = await inTurns(request.parts, bucket.concurrency, (part) =>
    locate(bucket, part, signal),
  )
  const pieces = located.flat().filter((piece) => sizeOf(piece) > 0)
  if (pieces.every((piece) => 'body' in piece)) {
    return putToS3(bucket, { ...request, body: Buffer.concat(pieces.map(({ body }) => body)) })
  }
  checkSizes(pieces)
  const token = newWriteToken()
  const upload = await beginMultipart(bucket, {
    ...request,
    metadata: withToken(request.metadata, token),
  })
  try {
    const parts = await inTurns(pieces, bucket.concurrency, (piece, index) =>
      storePiece(bucket, upload, { piece, number: index + 1, signal }),
    )
    const sizeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0)
    throwIfAborted(signal)
    const result = await sendConditional(
      bucket,
      { key, ifMatch, ifNoneMatch, signal, sizeBytes, token },
      (headers) => completeMultipart(bucket, upload, parts, { ...headers, signal }),
    )
    await checkWhole(bucket, result, signal)
    return result
  } catch (error) {
    await abortMultipart(bucket, upload)
    throw error
  }
}

/** A range cut into what one copy may move. */
function stretches(key: string, etag: string, range: { start: number; end: number }): Stretch[] {
  const result: Stretch[] = []
  for (let start = range.start; start <= range.end; start += MAX_COPY_BYTES) {
    result.push({ key, etag, start, end: Math.min(start + MAX_COPY_BYTES - 1, range.end) })
  }
  return result
}

/** Finds where a part's bytes are, and pins their version so that all come from the same one. */
async function locate(
  bucket: S3Bucket,
  part: ComposePart,
  signal: AbortSignal | undefined,
): Promise<Piece[]> {
  if ('body' in part) return [part]
  const { key, range, ifMatch } = part
  if (ifMatch !== undefined && range?.end !== undefined) {
    return stretches(key, ifMatch, { start: range.start, end: range.end })
  }
  const head = await headS3(bucket, { key, signal })
  if (!head) throw objectNotFound(key)
  const { etag, sizeBytes } = head.stat
  if (ifMatch !== undefined && ifMatch !== etag) throw preconditionFailed(key)
  return stretches(key, etag, resolveRange(range, sizeBytes))
}

/** A copied part can come out short where the source's remains are collected meanwhile; nothing else tells. */
async function checkWhole(
  bucket: S3Bucket,
  result: PutResult,
  signal: AbortSignal | undefined,
): Promise<void> {
  const head = await headS3(bucket, { key: result.key, signal })
  if (head?.stat.etag !== result.etag || head.stat.sizeBytes === result.sizeBytes) return
  throw storageError(
    'FILES_REMOTE_BODY_TRUNCATED',
    `The storage made an object of ${head.stat.sizeBytes} bytes out of ${result.sizeBytes}. Put the whole instead.`,
    { outcome: 'unknown', details: { key: result.key } },
  )
}

/** Runs an action for every item, so many at once; after a failure begins no more and waits for those under way. */
async function inTurns<T, R>(
  items: readonly T[],
  limit: number,
  action: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  let next = 0
  let failed = false
  const worker = async () => {
    while (next < items.length && !failed) {
      const index = next++
      try {
        results[index] = await action(items[index] as T, index)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  const settled = await Promise.allSettled(
    Array.from({ length: Math.min(limit, items.length) }, worker),
  )
  const failure = settled.find((each) => each.status === 'rejected')
  if (failure) throw failure.reason
  return results
}

function checkSizes(pieces: readonly Piece[]): void {
  pieces.slice(0, -1).forEach((piece, index) => {
    if (sizeOf(piece) >= MIN_PART_BYTES) return
    throw storageError(
      'FILES_REMOTE_UNSUPPORTED',
      `Part ${index} of compose has ${sizeOf(piece)} bytes; every part but the last needs at least ${MIN_PART_BYTES} (5 MiB). Read it and put the whole instead.`,
      { outcome: 'not_sent' },
    )
  })
}

function sizeOf(piece: Piece): number {
  return 'body' in piece ? piece.body.byteLength : piece.end + 1 - piece.start
}

async function storePiece(
  bucket: S3Bucket,
  upload: S3Multipart,
  { piece, number, signal }: { piece: Piece; number: number; signal: AbortSignal | undefined },
): Promise<StoredPart> {
  if ('body' in piece)
    return sendPart(bucket, upload, { number, body: bytesBody(piece.body), signal })
  const command = new UploadPartCopyCommand({
    ...target(bucket, upload.key),
    UploadId: upload.uploadId,
    PartNumber: number,
    CopySource: copySource(bucket, piece.key),
    CopySourceRange: `bytes=${piece.start}-${piece.end}`,
    CopySourceIfMatch: quotedEtag(piece.etag),
  })
  const call = { key: piece.key, signal, writes: true }
  const { CopyPartResult } = await sendS3(bucket, call, command)
  return { number, sizeBytes: sizeOf(piece), etag: CopyPartResult?.ETag ?? '', crc: undefined }
}
