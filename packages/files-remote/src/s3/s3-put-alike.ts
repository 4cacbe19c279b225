import type { ObjectMetadata } from '../object-stat.ts'
import type { S3Bucket } from './s3-bucket.ts'
import type { WriteAnswer } from './s3-conditions.ts'
import { type AlikeAnswer, type AlikeTry, sendAlike } from './s3-send-alike.ts'

/** Beyond it, what the SDK costs is little beside the bytes, and sending those twice after a refusal is not. */
const MAX_BYTES = 1024 * 1024

/** What is put, in the terms of the SDK. */
export interface PutContent {
  readonly key: string
  readonly bytes: Uint8Array
  readonly attributes: { readonly ContentType: string; readonly Metadata: ObjectMetadata }
  readonly checksum: { readonly ChecksumCRC32?: string }
}

/** Puts a small body past the SDK, if it can. Not for what carries a condition. */
export async function putAlike(
  bucket: S3Bucket,
  { key, bytes, attributes, checksum }: PutContent,
  signal: AbortSignal | undefined,
): Promise<AlikeTry | undefined> {
  if (bytes.byteLength > MAX_BYTES) return undefined
  const headers: Record<string, string> = {
    'content-type': attributes.ContentType,
    'content-length': String(bytes.byteLength),
  }
  for (const [name, value] of Object.entries(attributes.Metadata)) {
    headers[`x-amz-meta-${name}`] = value
  }
  if (checksum.ChecksumCRC32 !== undefined) {
    headers['x-amz-sdk-checksum-algorithm'] = 'CRC32'
    headers['x-amz-checksum-crc32'] = checksum.ChecksumCRC32
  }
  return sendAlike(bucket, { method: 'PUT', key, headers, body: bytes }, signal)
}

/** What the answer to a put says, in the terms of the SDK. */
export function toWriteAnswer({ headers, body }: AlikeAnswer): WriteAnswer {
  body.resume()
  return { ETag: headers.etag, VersionId: headers['x-amz-version-id'] }
}
