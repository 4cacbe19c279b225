import type { Readable } from 'node:stream'
import { GetObjectCommand, HeadBucketCommand, HeadObjectCommand } from '@aws-sdk/client-s3'
import type { IntegrationError } from '@mortise/errors'
import type { ObjectStat } from '../object-stat.ts'
import { hasCode } from '../storage-errors.ts'
import type { StatRequest } from '../storage-provider.ts'
import { bareEtag, type S3Bucket, sendS3, target } from './s3-bucket.ts'
import { fromS3Error } from './s3-errors.ts'

/** The name, in the metadata, of the token that tells whose write an object is. It is not given back to callers. */
export const WRITE_TOKEN = 'mortise-write'

/** What S3 tells of an object beyond its bytes. */
export interface S3Head {
  readonly stat: ObjectStat
  /** CRC-32 of the whole object, in Base64, where the storage keeps one. */
  readonly checksum: string | undefined
  /** The token of the conditional write that made it. */
  readonly token: string | undefined
  readonly versionId: string | undefined
}

/** What the answer to HEAD or GET tells, in the terms of the SDK. */
export interface S3Answer {
  readonly ETag?: string | undefined
  readonly ContentType?: string | undefined
  readonly Metadata?: Record<string, string> | undefined
  readonly LastModified?: Date | undefined
  readonly ChecksumCRC32?: string | undefined
  readonly ChecksumType?: string | undefined
  readonly VersionId?: string | undefined
}

/** Asks for an object's head; `null` when there is none. */
export async function headS3(
  bucket: S3Bucket,
  { key, signal, ifMatch }: StatRequest & { readonly ifMatch?: string | undefined },
): Promise<S3Head | null> {
  const command = new HeadObjectCommand({
    ...target(bucket, key),
    ChecksumMode: 'ENABLED',
    IfMatch: ifMatch === undefined ? undefined : `"${ifMatch}"`,
  })
  try {
    const head = await sendS3(bucket, { key, signal }, command)
    bucket.learned.bucketExists = true
    return toHead(key, head, head.ContentLength ?? 0)
  } catch (error) {
    if (!hasCode(error, 'FILES_REMOTE_OBJECT_NOT_FOUND')) {
      throw await reasonOf(error, bucket, { key, signal })
    }
    await checkBucket(bucket, signal)
    return null
  }
}

/**
 * The answer to HEAD has no body to say whether the key, the signature, the token, the clock or the permission was
 * wrong. The answer to a GET does, which is signed and permitted alike.
 */
async function reasonOf(
  refusal: unknown,
  bucket: S3Bucket,
  request: StatRequest,
): Promise<unknown> {
  const { status, details } = refusal as IntegrationError
  if (details?.s3Code !== undefined || ![400, 401, 403].includes(status ?? 0)) return refusal
  const { key, signal } = request
  const command = new GetObjectCommand({ ...target(bucket, key), Range: 'bytes=0-0' })
  try {
    const { Body } = await sendS3(bucket, { key, signal }, command)
    ;(Body as Readable).destroy()
    return refusal
  } catch (reason) {
    return (reason as IntegrationError).details?.s3Code === undefined ? refusal : reason
  }
}

/** The answer to HEAD has no body to say whether the object is missing or the bucket; asked once. */
async function checkBucket(bucket: S3Bucket, signal: AbortSignal | undefined): Promise<void> {
  if (bucket.learned.bucketExists) return
  const command = new HeadBucketCommand({ Bucket: bucket.name })
  try {
    await sendS3(bucket, { key: '', signal }, command)
  } catch (error) {
    if (hasCode(error, 'FILES_REMOTE_OBJECT_NOT_FOUND')) {
      throw fromS3Error(
        { name: 'NoSuchBucket', $metadata: { httpStatusCode: 404 } },
        { key: '', bucket: bucket.name },
      )
    }
    // Who may not look at the bucket may still look at its objects.
    if (!hasCode(error, 'FILES_REMOTE_PERMISSION_DENIED')) throw error
  }
  bucket.learned.bucketExists = true
}

/** What is told of an object, from the answer to HEAD or GET. */
export function toHead(key: string, answer: S3Answer, sizeBytes: number): S3Head {
  const { [WRITE_TOKEN]: token, ...metadata } = answer.Metadata ?? {}
  // A checksum of checksums ("…-3") says nothing about the bytes in a row.
  const checksum =
    answer.ChecksumType === 'COMPOSITE' || answer.ChecksumCRC32?.includes('-')
      ? undefined
      : answer.ChecksumCRC32
  return {
    stat: {
      key,
      etag: bareEtag(answer.ETag),
      sizeBytes,
      mediaType: answer.ContentType ?? 'application/octet-stream',
      metadata,
      ...(answer.LastModified && { lastModified: answer.LastModified }),
    },
    checksum,
    token,
    versionId: answer.VersionId,
  }
}
