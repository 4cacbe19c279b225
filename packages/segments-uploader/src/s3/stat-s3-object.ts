import type { Readable } from 'node:stream'
import { GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3'
import { isIntegrationError } from '@mortise/errors'
import type { SegmentObject, SegmentRequest } from '../segment-target.ts'
import { isObjectMissing } from '../segments-errors.ts'
import { bareEtag, type S3Bucket, sendTo, wholeSize } from './s3-bucket.ts'

/** What is known of an object without reading it; `null` when there is none. */
export async function statS3Object(
  s3: S3Bucket,
  { key, signal }: SegmentRequest,
): Promise<SegmentObject | null> {
  const input = { Bucket: s3.bucket, Key: key }
  try {
    const call = { action: 'HeadObject', key, signal } as const
    const found = await sendTo(s3, call, new HeadObjectCommand(input))
    return {
      etag: bareEtag(found.ETag),
      sizeBytes: found.ContentLength ?? 0,
      metadata: found.Metadata,
    }
  } catch (error) {
    if (isObjectMissing(error)) return null
    if (!isUnexplained(error)) throw error
    return await askAgain(s3, { key, signal })
  }
}

/** An answer to HEAD has no body to say why: an account that may not, a wrong secret and a wrong clock are all 403. */
function isUnexplained(error: unknown): boolean {
  if (!isIntegrationError(error) || error.status === undefined) return false
  return error.status < 500 && error.details?.providerCode === undefined
}

/** Reads one byte instead, since a refusal of that gives its reason. */
async function askAgain(
  s3: S3Bucket,
  { key, signal }: SegmentRequest,
): Promise<SegmentObject | null> {
  const command = new GetObjectCommand({ Bucket: s3.bucket, Key: key, Range: 'bytes=0-0' })
  try {
    const found = await sendTo(s3, { action: 'GetObject', key, signal }, command)
    ;(found.Body as Readable).destroy()
    return { etag: bareEtag(found.ETag), sizeBytes: wholeSize(found), metadata: found.Metadata }
  } catch (error) {
    if (isObjectMissing(error)) return null
    throw error
  }
}
