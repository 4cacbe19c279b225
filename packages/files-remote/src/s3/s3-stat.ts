import { HeadObjectCommand } from '@aws-sdk/client-s3'
import { hasCode } from '../storage-errors.ts'
import type { ObjectMetadata, ObjectStat, StatRequest } from '../storage-provider.ts'
import { bareEtag, type S3Bucket, sendS3 } from './s3-bucket.ts'

/** What S3 knows of an object; `null` when there is none. */
export async function statS3(
  bucket: S3Bucket,
  { key, signal }: StatRequest,
): Promise<ObjectStat | null> {
  try {
    const command = new HeadObjectCommand({ Bucket: bucket.name, Key: key })
    const head = await sendS3(
      () => bucket.client.send(command, signal ? { abortSignal: signal } : {}),
      {
        key,
        bucket: bucket.name,
        signal,
      },
    )
    return toStat(key, head, head.ContentLength ?? 0)
  } catch (error) {
    if (hasCode(error, 'FILES_REMOTE_OBJECT_NOT_FOUND')) return null
    throw error
  }
}

interface S3Attributes {
  readonly ETag?: string | undefined
  readonly ContentType?: string | undefined
  readonly Metadata?: Record<string, string> | undefined
  readonly LastModified?: Date | undefined
}

export function toStat(key: string, from: S3Attributes, sizeBytes: number): ObjectStat {
  return {
    key,
    etag: bareEtag(from.ETag ?? ''),
    sizeBytes,
    mediaType: from.ContentType ?? 'application/octet-stream',
    metadata: (from.Metadata ?? {}) satisfies ObjectMetadata,
    ...(from.LastModified && { lastModified: from.LastModified }),
  }
}
