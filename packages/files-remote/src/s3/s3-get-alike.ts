import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { GetRequest } from '../storage-provider.ts'
import { quotedEtag, type S3Bucket } from './s3-bucket.ts'
import { fromS3Error } from './s3-errors.ts'
import { type AlikeAnswer, sendAlike } from './s3-send-alike.ts'
import type { S3Answer } from './s3-stat.ts'

/** An opened object, in the terms of the SDK. */
export interface GetAnswer extends S3Answer {
  readonly ContentLength?: number | undefined
  readonly ContentRange?: string | undefined
  readonly Body?: unknown
}

/** Not modified, not there, another version, behind the end: whoever asks twice is told the same. */
const REFUSALS = [304, 404, 412, 416]

/** Opens an object past the SDK; `undefined` when it is to be opened through it. */
export async function getAlike(
  bucket: S3Bucket,
  request: GetRequest,
): Promise<GetAnswer | undefined> {
  const { key, range, ifMatch, ifNoneMatch, signal } = request
  const wanted = {
    range: range && rangeHeader(range),
    'if-match': quotedEtag(ifMatch),
    'if-none-match': quotedEtag(ifNoneMatch),
    'x-amz-checksum-mode': bucket.checksums === 'crc32' ? 'ENABLED' : undefined,
  }
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(wanted)) if (value !== undefined) headers[name] = value
  const hopes = [200, 206, ...REFUSALS]
  const answer = await sendAlike(bucket, { method: 'GET', key, headers }, { hopes, signal })
  if (!answer || !REFUSALS.includes(answer.statusCode)) return answer && opened(answer)
  const refusal = await refusalOf(answer).catch(() => undefined)
  if (!refusal) return undefined
  throw fromS3Error(refusal, { key, bucket: bucket.name, operation: 'GetObject', signal })
}

export function rangeHeader({ start, end }: NonNullable<GetRequest['range']>): string {
  return `bytes=${start}-${end ?? ''}`
}

function opened({ headers, body }: AlikeAnswer): GetAnswer & { readonly Body: Readable } {
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

/** As the SDK would throw it. */
async function refusalOf({ statusCode, headers, body }: AlikeAnswer): Promise<Error> {
  const name = /<Code>(\w+)<\/Code>/.exec(await text(body))?.[1]
  const requestId = headers['x-amz-request-id']
  const $metadata = { httpStatusCode: statusCode, requestId }
  return Object.assign(new Error(`answered ${statusCode}`), { ...(name && { name }), $metadata })
}
