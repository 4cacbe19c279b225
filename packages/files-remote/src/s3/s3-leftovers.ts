import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3'
import { sendS3 } from './s3-bucket.ts'
import { abortMultipart } from './s3-multipart.ts'
import { openBucket, type S3StorageProviderOptions } from './s3-options.ts'

/** Which uploads are leftovers. */
export interface RemoveLeftoverUploadsOptions extends S3StorageProviderOptions {
  /** Only uploads that began so long ago: longer than any upload of yours takes. */
  readonly olderThanMs: number
  /** Only uploads to keys that begin with this. Default: all of the bucket. */
  readonly prefix?: string | undefined
  /** The clock, in milliseconds. Default: `Date.now`. */
  readonly now?: (() => number) | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Removes uploads in parts that nobody will complete: those of processes that were killed. Their parts cost
 * money and appear in no listing. Answers how many were removed.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpu-abort-incomplete-mpu-lifecycle-config.html
 */
export async function removeLeftoverUploads(
  options: RemoveLeftoverUploadsOptions,
): Promise<{ removed: number }> {
  const { olderThanMs, prefix, now = Date.now, signal } = options
  if (!(olderThanMs >= 0))
    throw new TypeError(`olderThanMs must be a number >= 0, got ${olderThanMs}.`)
  const bucket = openBucket(options)
  let removed = 0
  let markers: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } = {}
  for (;;) {
    const command = new ListMultipartUploadsCommand({
      Bucket: bucket.name,
      Prefix: prefix,
      ...markers,
    })
    const page = await sendS3(bucket, { key: prefix ?? '', signal }, command)
    for (const { Key = '', UploadId = '', Initiated } of page.Uploads ?? []) {
      if (Initiated && now() - Initiated.getTime() < olderThanMs) continue
      await abortMultipart(bucket, { key: Key, uploadId: UploadId })
      removed += 1
    }
    if (!page.IsTruncated) return { removed }
    markers = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker }
  }
}
