import { DeleteObjectCommand } from '@aws-sdk/client-s3'
import { preconditionFailed } from '../storage-errors.ts'
import type { DeleteRequest } from '../storage-provider.ts'
import { quotedEtag, type S3Bucket, sendS3, target } from './s3-bucket.ts'
import { headS3 } from './s3-stat.ts'

/** Removes an object; under `ifMatch` only that version. */
export async function deleteFromS3(
  bucket: S3Bucket,
  { key, ifMatch, signal }: DeleteRequest,
): Promise<void> {
  // The storage answers that an absent object is deleted, whatever the condition.
  if (ifMatch !== undefined && (await headS3(bucket, { key, signal }))?.stat.etag !== ifMatch) {
    throw preconditionFailed(key)
  }
  const command = new DeleteObjectCommand({ ...target(bucket, key), IfMatch: quotedEtag(ifMatch) })
  const call = { key, signal, writes: true, conditional: ifMatch !== undefined }
  await sendS3(bucket, call, command)
}
