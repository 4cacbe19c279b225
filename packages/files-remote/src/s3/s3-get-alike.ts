import type { GetRequest } from '../storage-provider.ts'
import { quotedEtag, type S3Bucket } from './s3-bucket.ts'
import { type AlikeAnswer, type AlikeTry, sendAlike } from './s3-send-alike.ts'
import type { S3Answer } from './s3-stat.ts'

/** An opened object, in the terms of the SDK. */
export interface GetAnswer extends S3Answer {
  readonly ContentLength?: number | undefined
  readonly ContentRange?: string | undefined
  readonly Body?: unknown
}

/** Opens an object past the SDK, if it can. */
export async function getAlike(
  bucket: S3Bucket,
  request: GetRequest,
): Promise<AlikeTry | undefined> {
  const { key, range, ifMatch, ifNoneMatch, signal } = request
  const wanted = {
    range: range && rangeHeader(range),
    'if-match': quotedEtag(ifMatch),
    'if-none-match': quotedEtag(ifNoneMatch),
    'x-amz-checksum-mode': bucket.checksums === 'crc32' ? 'ENABLED' : undefined,
  }
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(wanted)) if (value !== undefined) headers[name] = value
  return sendAlike(bucket, { method: 'GET', key, headers }, signal)
}

export function rangeHeader({ start, end }: NonNullable<GetRequest['range']>): string {
  return `bytes=${start}-${end ?? ''}`
}

/** What the answer to a get says, in the terms of the SDK. */
export function toGetAnswer({ headers, body }: AlikeAnswer): GetAnswer {
  const metadata = Object.entries(headers).flatMap(([name, value]) =>
    name.startsWith('x-amz-meta-') ? [[name.slice('x-amz-meta-'.length), value]] : [],
  )
  const { 'content-length': length, 'last-modified': modified } = headers
  return {
    Body: body,
    ContentLength: length === undefined ? undefined : Number(length),
    ContentRange: headers['content-range'],
    ContentType: headers['content-type'],
    ETag: headers.etag,
    Metadata: Object.fromEntries(metadata),
    LastModified: modified === undefined ? undefined : new Date(modified),
    ChecksumCRC32: headers['x-amz-checksum-crc32'],
    ChecksumType: headers['x-amz-checksum-type'],
  }
}
