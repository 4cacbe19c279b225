import { crc32 } from 'node:zlib'
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { storageError, throwIfAborted } from '../storage-errors.ts'
import type { PutRequest, PutResult } from '../storage-provider.ts'
import { bareEtag, quotedEtag, type S3Bucket, sendS3 } from './s3-bucket.ts'
import { openParts, type PartSource } from './s3-parts.ts'
import { statS3 } from './s3-stat.ts'

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const MAX_PARTS = 10_000

/** How long a failed upload may take to remove its parts. */
const CLEAN_UP_MS = 10_000

type Attributes = Omit<PutRequest, 'body' | 'sizeBytes'>

/** Stores a body: in one request when it fits into a part, otherwise in parts, several at a time. */
export async function uploadToS3(bucket: S3Bucket, request: PutRequest): Promise<PutResult> {
  await using source = await openParts(request.body, request)
  const first = Buffer.allocUnsafe(firstPartBytes(bucket, request))
  const filled = await source.fill(first)
  throwIfAborted(request.signal)
  if (filled < first.length) return putWhole(bucket, request, first.subarray(0, filled))
  return putInParts(bucket, request, source, first)
}

/** A body known to be small does not need a whole part's memory. One byte more tells "full" from "ended". */
function firstPartBytes({ partBytes }: S3Bucket, { body, sizeBytes }: PutRequest): number {
  const known = body instanceof Uint8Array ? body.byteLength : sizeBytes
  return known !== undefined && known < partBytes ? known + 1 : partBytes
}

async function putWhole(
  bucket: S3Bucket,
  request: Attributes,
  bytes: Uint8Array,
): Promise<PutResult> {
  const { key, signal, ifMatch, ifNoneMatch, mediaType, metadata } = request
  const command = new PutObjectCommand({
    Bucket: bucket.name,
    Key: key,
    Body: bytes,
    ContentLength: bytes.byteLength,
    ContentType: mediaType ?? 'application/octet-stream',
    Metadata: { ...metadata },
    IfMatch: quotedEtag(ifMatch),
    IfNoneMatch: ifNoneMatch,
    ...checksumOf(bucket, bytes),
  })
  const result = await sendS3(
    () => bucket.client.send(command, sendOptions(signal)),
    contextOf(bucket, request),
  )
  return { key, etag: bareEtag(result.ETag ?? ''), sizeBytes: bytes.byteLength }
}

async function putInParts(
  bucket: S3Bucket,
  request: Attributes,
  source: PartSource,
  first: Buffer,
): Promise<PutResult> {
  const { key, signal, ifMatch, ifNoneMatch, mediaType, metadata } = request
  const target = { Bucket: bucket.name, Key: key }
  const context = contextOf(bucket, request)
  const { UploadId } = await sendS3(
    () =>
      bucket.client.send(
        new CreateMultipartUploadCommand({
          ...target,
          ContentType: mediaType ?? 'application/octet-stream',
          Metadata: { ...metadata },
          ...(bucket.checksums === 'crc32' && { ChecksumAlgorithm: 'CRC32' as const }),
        }),
        sendOptions(signal),
      ),
    context,
  )
  const stop = new AbortController()
  try {
    const { parts, sizeBytes } = await sendParts(
      bucket,
      { ...request, uploadId: UploadId ?? '', stop },
      source,
      first,
    )
    throwIfAborted(signal)
    const completed = await sendS3(
      () =>
        bucket.client.send(
          new CompleteMultipartUploadCommand({
            ...target,
            UploadId,
            MultipartUpload: { Parts: parts },
            IfMatch: quotedEtag(ifMatch),
            IfNoneMatch: ifNoneMatch,
          }),
          sendOptions(signal),
        ),
      context,
    )
    // Ceph before 17 answers without an ETag.
    const etag = completed.ETag ?? (await statS3(bucket, { key, signal }))?.etag ?? ''
    return { key, etag: bareEtag(etag), sizeBytes }
  } catch (error) {
    await bucket.client
      .send(
        new AbortMultipartUploadCommand({ ...target, UploadId }),
        sendOptions(AbortSignal.timeout(CLEAN_UP_MS)),
      )
      .catch(() => undefined)
    throw error
  }
}

interface PartsRequest extends Attributes {
  readonly uploadId: string
  /** Fired by the first worker that fails, so that the others stop too. */
  readonly stop: AbortController
}

/** Each worker owns one buffer: memory is bounded by `concurrency` times `partBytes`. */
async function sendParts(
  bucket: S3Bucket,
  request: PartsRequest,
  source: PartSource,
  first: Buffer,
) {
  const parts: CompletedPart[] = []
  const signal = request.signal
    ? AbortSignal.any([request.signal, request.stop.signal])
    : request.stop.signal
  let nextNumber = 1
  let sizeBytes = 0
  let reading: Promise<unknown> = Promise.resolve()

  /** Reads are one after the other; uploads of what was read run side by side. */
  const take = (buffer: Buffer, filled?: number) => {
    const turn = reading.then(async () => {
      if (request.stop.signal.aborted) return undefined
      const length = filled ?? (await source.fill(buffer))
      if (length === 0) return undefined
      sizeBytes += length
      const number = nextNumber++
      if (number > MAX_PARTS) throw tooManyParts(bucket)
      return { number, bytes: buffer.subarray(0, length) }
    })
    reading = turn.catch(() => undefined)
    return turn
  }

  const work = async (buffer: Buffer, filled?: number) => {
    for (let part = await take(buffer, filled); part; part = await take(buffer)) {
      parts.push(await sendPart(bucket, { ...request, signal }, part))
    }
  }

  const workers = Array.from({ length: bucket.concurrency }, (_, index) =>
    work(
      index === 0 ? first : Buffer.allocUnsafe(bucket.partBytes),
      index === 0 ? first.length : undefined,
    ).catch((error: unknown) => {
      request.stop.abort(error)
      throw error
    }),
  )
  const failed = (await Promise.allSettled(workers)).find((worker) => worker.status === 'rejected')
  if (failed) throw request.stop.signal.reason
  parts.sort((a, b) => (a.PartNumber ?? 0) - (b.PartNumber ?? 0))
  return { parts, sizeBytes }
}

async function sendPart(
  bucket: S3Bucket,
  request: PartsRequest,
  part: { number: number; bytes: Buffer },
): Promise<CompletedPart> {
  const command = new UploadPartCommand({
    Bucket: bucket.name,
    Key: request.key,
    UploadId: request.uploadId,
    PartNumber: part.number,
    Body: part.bytes,
    ContentLength: part.bytes.length,
    ...checksumOf(bucket, part.bytes),
  })
  const { ETag, ChecksumCRC32 } = await sendS3(
    () => bucket.client.send(command, sendOptions(request.signal)),
    contextOf(bucket, request),
  )
  return { PartNumber: part.number, ETag, ...(ChecksumCRC32 && { ChecksumCRC32 }) }
}

function checksumOf({ checksums }: S3Bucket, bytes: Uint8Array) {
  if (checksums === 'none') return {}
  const value = Buffer.alloc(4)
  value.writeUInt32BE(crc32(bytes))
  return { ChecksumAlgorithm: 'CRC32' as const, ChecksumCRC32: value.toString('base64') }
}

function contextOf(bucket: S3Bucket, { key, signal, ifMatch, ifNoneMatch }: Attributes) {
  const conditional = ifMatch !== undefined || ifNoneMatch !== undefined
  return { key, bucket: bucket.name, signal, writes: true, conditional }
}

function sendOptions(signal: AbortSignal | undefined) {
  return signal ? { abortSignal: signal } : {}
}

function tooManyParts({ partBytes }: S3Bucket): Error {
  return storageError(
    'FILES_REMOTE_SIZE_LIMIT_EXCEEDED',
    `The body needs more than ${MAX_PARTS} parts of ${partBytes} bytes. Give sizeBytes, or a larger partBytes.`,
  )
}
