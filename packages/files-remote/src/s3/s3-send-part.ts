import { UploadPartCommand } from '@aws-sdk/client-s3'
import { isIntegrationError } from '@mortise/errors'
import { hasCode } from '../storage-errors.ts'
import { toBase64 } from './crc32.ts'
import { type S3Bucket, sendS3, target } from './s3-bucket.ts'
import { checksumOf, type S3Multipart, type StoredPart } from './s3-multipart.ts'
import type { PartBody } from './s3-part-body.ts'
import { withPayloadHash } from './s3-request.ts'
import { sendsFiles, withFileBody } from './s3-send-file.ts'
import { framedBody, withTrailer } from './s3-trailing-checksum.ts'

/** A part on its way; `number` counts from 1. */
export interface OutgoingPart {
  readonly number: number
  readonly body: PartBody
  readonly signal?: AbortSignal | undefined
}

type Pieces = NonNullable<PartBody['pieces']>

/** Sends one part: out of memory or out of its file. Either can be sent again. */
export async function sendPart(
  bucket: S3Bucket,
  upload: S3Multipart,
  part: OutgoingPart,
): Promise<StoredPart> {
  const pieces = (await sendsFiles(bucket)) ? part.body.pieces : undefined
  const { learned } = bucket
  if (pieces && bucket.checksums === 'crc32') {
    if (learned.trailers === 'unknown') return ask(bucket, upload, { ...part, pieces })
    if (learned.trailers === 'taken') {
      const stored = await sendWithTrailer(bucket, upload, { ...part, pieces })
      if (stored) return stored
      learned.trailers = 'refused'
    }
  }
  return sendWithHeader(bucket, upload, { ...part, pieces })
}

/**
 * The checksum behind the bytes, where the server is known to take it. Not all do, and some store the frames as if they
 * were bytes: so at first a single part asks, and counts only if the server answers with the right checksum. That it
 * does not take them is known when it then takes the same part with the checksum before the bytes.
 */
async function ask(
  bucket: S3Bucket,
  upload: S3Multipart,
  part: OutgoingPart & { readonly pieces: Pieces },
): Promise<StoredPart> {
  const { learned } = bucket
  learned.trailers = 'asked'
  try {
    const trailed = await sendWithTrailer(bucket, upload, part).catch(refusalIsFine)
    const stored = trailed ?? (await sendWithHeader(bucket, upload, part))
    learned.trailers = trailed ? 'taken' : 'refused'
    return stored
  } finally {
    if (learned.trailers === 'asked') learned.trailers = 'unknown'
  }
}

/** Any answer may mean the form, but for one that asks to slow down: servers and proxies do not agree on how to say it. */
function refusalIsFine(error: unknown): undefined {
  if (hasCode(error, 'FILES_REMOTE_UNSUPPORTED')) return
  const answered = isIntegrationError(error) && error.status !== undefined
  if (!answered || error.kind === 'rate_limit') throw error
}

async function sendWithTrailer(
  bucket: S3Bucket,
  { key, uploadId }: S3Multipart,
  { number, body, pieces, signal }: OutgoingPart & { readonly pieces: Pieces },
): Promise<StoredPart | undefined> {
  const framed = framedBody(pieces)
  const command = new UploadPartCommand({
    ...target(bucket, key),
    UploadId: uploadId,
    PartNumber: number,
    ContentLength: body.sizeBytes,
    ChecksumAlgorithm: 'CRC32',
  })
  withFileBody(withTrailer(command, body.sizeBytes), bucket, { pieces: framed.pieces, signal })
  const answer = await sendS3(bucket, { key, signal, writes: true }, command)
  const crc = framed.crc()
  if (answer.ChecksumCRC32 !== toBase64(crc)) return undefined
  return { number, sizeBytes: body.sizeBytes, etag: answer.ETag ?? '', crc }
}

async function sendWithHeader(
  bucket: S3Bucket,
  { key, uploadId }: S3Multipart,
  { number, body, pieces, signal }: OutgoingPart & { readonly pieces: Pieces | undefined },
): Promise<StoredPart> {
  const crc = bucket.checksums === 'crc32' ? await body.crc32() : undefined
  const command = new UploadPartCommand({
    ...target(bucket, key),
    UploadId: uploadId,
    PartNumber: number,
    ...(!pieces && { Body: await body.bytes() }),
    ContentLength: body.sizeBytes,
    ...checksumOf(bucket, crc),
  })
  withPayloadHash(command, pieces && (() => body.hash('sha256')))
  if (pieces) withFileBody(command, bucket, { pieces: () => inOnes(pieces()), signal })
  const { ETag = '' } = await sendS3(bucket, { key, signal, writes: true }, command)
  return { number, sizeBytes: body.sizeBytes, etag: ETag, crc }
}

async function* inOnes(pieces: AsyncGenerator<Uint8Array>): AsyncGenerator<readonly Uint8Array[]> {
  for await (const piece of pieces) yield [piece]
}
