import { setTimeout as sleep } from 'node:timers/promises'
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  type CompleteMultipartUploadCommandOutput,
  CreateMultipartUploadCommand,
} from '@aws-sdk/client-s3'
import { mediaTypeOf } from '../check-request.ts'
import type { ObjectMetadata } from '../object-stat.ts'
import { unlessAborted } from '../read-body.ts'
import { preconditionFailed } from '../storage-errors.ts'
import { combineCrc32, toBase64 } from './crc32.ts'
import { bareEtag, type S3Bucket, sendS3, target } from './s3-bucket.ts'
import { headS3 } from './s3-stat.ts'

/** The least bytes of every part but the last. @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const MIN_PART_BYTES = 5 * 1024 * 1024

/** The most parts of one upload. @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const MAX_PARTS = 10_000

/** How long a failed upload may take to remove its parts. */
const CLEAN_UP_MS = 10_000

/** How long an aborted call waits until what it has just begun is removed; after that, it is removed behind its back. */
const GRACE_MS = 1000

/** An upload in parts that has been begun. */
export interface S3Multipart {
  readonly key: string
  readonly uploadId: string
}

/** A part that is stored; `crc` is missing when the storage copied it. */
export interface StoredPart {
  readonly number: number
  readonly sizeBytes: number
  readonly etag: string
  readonly crc: number | undefined
}

export interface S3Attributes {
  readonly key: string
  readonly mediaType?: string | undefined
  readonly metadata?: ObjectMetadata | undefined
  readonly signal?: AbortSignal | undefined
}

export function attributesOf(attributes: S3Attributes) {
  return { ContentType: mediaTypeOf(attributes), Metadata: { ...attributes.metadata } }
}

/** The headers with which the storage checks a body; both are needed: Ceph ignores a value without a name. */
export function checksumOf({ checksums }: S3Bucket, crc: number | undefined) {
  if (checksums === 'none' || crc === undefined) return {}
  return { ChecksumAlgorithm: 'CRC32' as const, ChecksumCRC32: toBase64(crc) }
}

export async function beginMultipart(
  bucket: S3Bucket,
  attributes: S3Attributes,
): Promise<S3Multipart> {
  const { key, signal } = attributes
  const command = new CreateMultipartUploadCommand({
    ...target(bucket, key),
    ...attributesOf(attributes),
    ...(bucket.checksums === 'crc32' && {
      ChecksumAlgorithm: 'CRC32' as const,
      ChecksumType: 'FULL_OBJECT' as const,
    }),
  })
  // Not under the signal: only the answer tells what has been begun and is to be removed.
  const begun = sendS3(bucket, { key, writes: true }, command).then(({ UploadId = '' }) => {
    return { key, uploadId: UploadId }
  })
  try {
    return await unlessAborted(begun, signal)
  } catch (error) {
    const removed = begun.then((upload) => abortMultipart(bucket, upload)).catch(() => undefined)
    await Promise.race([removed, sleep(GRACE_MS, undefined, { ref: false })])
    throw error
  }
}

/** Makes the object of its parts. When the CRC of every part is known, the storage checks the whole. */
export async function completeMultipart(
  bucket: S3Bucket,
  { key, uploadId }: S3Multipart,
  parts: readonly StoredPart[],
  conditions: {
    IfMatch?: string | undefined
    IfNoneMatch?: string | undefined
    signal?: AbortSignal | undefined
  },
): Promise<CompleteMultipartUploadCommandOutput> {
  const { signal, ...headers } = conditions
  await checkConditions(bucket, key, conditions)
  const sorted = [...parts].sort((a, b) => a.number - b.number)
  const whole = wholeCrc(sorted)
  const command = new CompleteMultipartUploadCommand({
    ...target(bucket, key),
    UploadId: uploadId,
    MultipartUpload: { Parts: sorted.map((part) => toCompleted(bucket, part)) },
    MpuObjectSize: sorted.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    ...(bucket.checksums === 'crc32' && { ChecksumType: 'FULL_OBJECT' as const }),
    ...(bucket.checksums === 'crc32' && whole !== undefined && { ChecksumCRC32: toBase64(whole) }),
    ...headers,
  })
  const conditional = headers.IfMatch !== undefined || headers.IfNoneMatch !== undefined
  return sendS3(bucket, { key, signal, writes: true, conditional }, command)
}

/**
 * Looks at the conditions before the storage decides them: Ceph before 20 and some others do not read them when they
 * complete parts. There, two writers at the same moment may both win, but none overwrites what it could have seen.
 */
async function checkConditions(
  bucket: S3Bucket,
  key: string,
  { IfMatch, IfNoneMatch, signal }: Parameters<typeof completeMultipart>[3],
): Promise<void> {
  if (IfMatch === undefined && IfNoneMatch === undefined) return
  const now = (await headS3(bucket, { key, signal }))?.stat.etag
  const holds = IfNoneMatch === undefined ? now === bareEtag(IfMatch) : now === undefined
  if (!holds) throw preconditionFailed(key)
}

/** Removes the parts of an upload that will not be completed. Never fails: it follows a failure. */
export async function abortMultipart(
  bucket: S3Bucket,
  { key, uploadId }: S3Multipart,
): Promise<void> {
  const command = new AbortMultipartUploadCommand({ ...target(bucket, key), UploadId: uploadId })
  await bucket.client
    .send(command, { abortSignal: AbortSignal.timeout(CLEAN_UP_MS) })
    .catch(() => undefined)
}

function toCompleted({ checksums }: S3Bucket, { number, etag, crc }: StoredPart): CompletedPart {
  return {
    PartNumber: number,
    ETag: etag,
    ...(checksums === 'crc32' && crc !== undefined && { ChecksumCRC32: toBase64(crc) }),
  }
}

function wholeCrc(parts: readonly StoredPart[]): number | undefined {
  let whole = 0
  for (const { crc, sizeBytes } of parts) {
    if (crc === undefined) return undefined
    whole = combineCrc32(whole, crc, sizeBytes)
  }
  return whole
}
