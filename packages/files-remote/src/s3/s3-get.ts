import type { Readable } from 'node:stream'
import { GetObjectCommand } from '@aws-sdk/client-s3'
import type { GetRequest, GetResult } from '../storage-provider.ts'
import { s3Body } from './s3-body.ts'
import { quotedEtag, type S3Bucket, sendS3, target } from './s3-bucket.ts'
import { withOwnValidation } from './s3-request.ts'
import { toHead } from './s3-stat.ts'

/** Opens an object, or a range of it, for reading. */
export async function getFromS3(bucket: S3Bucket, request: GetRequest): Promise<GetResult> {
  const { key, range, ifMatch, ifNoneMatch, signal } = request
  const command = new GetObjectCommand({
    ...target(bucket, key),
    Range: range && `bytes=${range.start}-${range.end ?? ''}`,
    IfMatch: quotedEtag(ifMatch),
    IfNoneMatch: quotedEtag(ifNoneMatch),
  })
  if (bucket.checksums === 'crc32') withOwnValidation(command)
  const answer = await sendS3(bucket, { key, signal }, command)
  const expectedBytes = answer.ContentLength ?? 0
  const whole = answer.ContentRange?.split('/')[1]
  const { stat, checksum } = toHead(
    key,
    answer,
    whole === undefined ? expectedBytes : Number(whole),
  )
  const body = s3Body(bucket, answer.Body as Readable, {
    key,
    expectedBytes,
    checksum: range || bucket.checksums === 'none' ? undefined : checksum,
    signal,
  })
  return { ...stat, body }
}
