import { CopyObjectCommand } from '@aws-sdk/client-s3'
import { objectNotFound, preconditionFailed } from '../storage-errors.ts'
import type { CopyRequest, PutResult } from '../storage-provider.ts'
import { bareEtag, copySource, type S3Bucket, sendS3, target, versionOf } from './s3-bucket.ts'
import { composeInS3, MAX_COPY_BYTES } from './s3-compose.ts'
import { headS3 } from './s3-stat.ts'

/** Copies within the bucket: in one call, or in parts above what one call may move. */
export async function copyInS3(bucket: S3Bucket, request: CopyRequest): Promise<PutResult> {
  const { sourceKey, key, sourceIfMatch, signal } = request
  const head = await headS3(bucket, { key: sourceKey, signal })
  if (!head) throw objectNotFound(sourceKey)
  const { etag, sizeBytes, mediaType, metadata } = head.stat
  if (sourceIfMatch !== undefined && sourceIfMatch !== etag) throw preconditionFailed(sourceKey)
  // S3 refuses to copy an object onto itself.
  if (sourceKey === key) return { key, etag, sizeBytes }
  if (sizeBytes > MAX_COPY_BYTES) {
    const parts = [{ key: sourceKey, ifMatch: etag, range: { start: 0, end: sizeBytes - 1 } }]
    return composeInS3(bucket, { key, parts, mediaType, metadata, signal })
  }
  const command = new CopyObjectCommand({
    ...target(bucket, key),
    CopySource: copySource(bucket, sourceKey),
    CopySourceIfMatch: `"${etag}"`,
  })
  const call = { key: sourceKey, signal, writes: true }
  const { CopyObjectResult, VersionId } = await sendS3(bucket, call, command)
  return { key, etag: bareEtag(CopyObjectResult?.ETag), sizeBytes, ...versionOf(VersionId) }
}
