import type { Readable } from 'node:stream'
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3'
import { checkCopy, checkEtag, checkGet, checkPut } from '../check-request.ts'
import { checkList } from '../list-keys.ts'
import { parseKey } from '../parse-key.ts'
import { throwIfAborted, unsupported } from '../storage-errors.ts'
import type {
  CopyRequest,
  DeleteRequest,
  GetRequest,
  GetResult,
  ListEntry,
  ListRequest,
  StorageProvider,
} from '../storage-provider.ts'
import { bareEtag, quotedEtag, type S3Bucket, sendS3 } from './s3-bucket.ts'
import { signS3Url } from './s3-sign.ts'
import { statS3, toStat } from './s3-stat.ts'
import { uploadToS3 } from './s3-upload.ts'

export interface S3StorageProviderOptions {
  readonly bucket: string
  /** A client of yours. Default: one made of `clientConfig`. */
  readonly client?: S3Client | undefined
  /** Region, endpoint, credentials and so on for the client that is made when you give none. */
  readonly clientConfig?: S3ClientConfig | undefined
  /** Bytes in one part, and the largest body that is sent in one request. Default {@link DEFAULT_PART_BYTES}. */
  readonly partBytes?: number | undefined
  /** Parts under way at once. Default {@link DEFAULT_CONCURRENCY}. */
  readonly concurrency?: number | undefined
  /** What protects bodies on the way: CRC-32 end to end, or only what the transport does. Default `crc32`. */
  readonly checksums?: 'crc32' | 'none' | undefined
}

/** 16 MiB: larger parts cost memory and gain nothing measurable, 5 MiB ones take a third longer. */
export const DEFAULT_PART_BYTES = 16 * 1024 * 1024

/** Four parts: eight gain 6 % for twice the memory. */
export const DEFAULT_CONCURRENCY = 4

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const MIN_PART_BYTES = 5 * 1024 * 1024

/** The default retries of the SDK (3) give up in a storm of 503. */
const MAX_ATTEMPTS = 5

/** Objects in a bucket of Amazon S3 or of a server that speaks its protocol. */
export function createS3StorageProvider(options: S3StorageProviderOptions): StorageProvider {
  const bucket = openBucket(options)
  return {
    capabilities: {
      conditionalWrites: true,
      conditionalDeletes: false,
      compose: false,
      signedUrls: ['GET', 'PUT'],
    },
    put: async (request) => {
      checkPut(request)
      return uploadToS3(bucket, request)
    },
    get: async (request) => {
      checkGet(request)
      return getFromS3(bucket, request)
    },
    stat: async (request) => {
      parseKey(request.key)
      throwIfAborted(request.signal)
      return statS3(bucket, request)
    },
    delete: async (request) => {
      parseKey(request.key)
      checkEtag(request.ifMatch, 'ifMatch')
      throwIfAborted(request.signal)
      await deleteFromS3(bucket, request)
    },
    list: (request = {}) => listS3(bucket, request),
    copy: async (request) => {
      checkCopy(request)
      return copyInS3(bucket, request)
    },
    compose: async () => {
      throw unsupported('compose', 'not yet.')
    },
    signUrl: async (request) => signS3Url(bucket, request),
  }
}

function openBucket(options: S3StorageProviderOptions): S3Bucket {
  const { partBytes = DEFAULT_PART_BYTES, concurrency = DEFAULT_CONCURRENCY } = options
  if (typeof options.bucket !== 'string' || options.bucket === '') {
    throw new TypeError(
      `bucket must be the name of a bucket, got ${JSON.stringify(options.bucket)}.`,
    )
  }
  if (!Number.isSafeInteger(partBytes) || partBytes < MIN_PART_BYTES) {
    throw new TypeError(
      `partBytes must be a whole number >= ${MIN_PART_BYTES} (5 MiB), got ${partBytes}.`,
    )
  }
  if (!Number.isSafeInteger(concurrency) || concurrency < 1) {
    throw new TypeError(`concurrency must be a whole number >= 1, got ${concurrency}.`)
  }
  return {
    client: options.client ?? new S3Client({ maxAttempts: MAX_ATTEMPTS, ...options.clientConfig }),
    name: options.bucket,
    partBytes,
    concurrency,
    checksums: options.checksums ?? 'crc32',
  }
}

async function getFromS3(bucket: S3Bucket, request: GetRequest): Promise<GetResult> {
  const { key, range, ifMatch, ifNoneMatch, signal } = request
  const command = new GetObjectCommand({
    Bucket: bucket.name,
    Key: key,
    Range: range && `bytes=${range.start}-${range.end ?? ''}`,
    IfMatch: quotedEtag(ifMatch),
    IfNoneMatch: quotedEtag(ifNoneMatch),
  })
  const object = await sendS3(
    () => bucket.client.send(command, signal ? { abortSignal: signal } : {}),
    {
      key,
      bucket: bucket.name,
      signal,
    },
  )
  const whole = object.ContentRange?.split('/')[1]
  const sizeBytes = whole === undefined ? (object.ContentLength ?? 0) : Number(whole)
  return { ...toStat(key, object, sizeBytes), body: object.Body as Readable }
}

async function deleteFromS3(
  bucket: S3Bucket,
  { key, ifMatch, signal }: DeleteRequest,
): Promise<void> {
  if (ifMatch !== undefined)
    throw unsupported('delete with ifMatch', 'not every server decides it atomically.')
  const command = new DeleteObjectCommand({ Bucket: bucket.name, Key: key })
  await sendS3(() => bucket.client.send(command, signal ? { abortSignal: signal } : {}), {
    key,
    bucket: bucket.name,
    signal,
    writes: true,
  })
}

async function* listS3(bucket: S3Bucket, request: ListRequest): AsyncGenerator<ListEntry> {
  const { prefix, delimiter, startAfter } = checkList(request)
  const { signal } = request
  let token: string | undefined
  do {
    throwIfAborted(signal)
    const command = new ListObjectsV2Command({
      Bucket: bucket.name,
      Prefix: prefix || undefined,
      Delimiter: delimiter || undefined,
      StartAfter: startAfter || undefined,
      ContinuationToken: token,
    })
    const page = await sendS3(
      () => bucket.client.send(command, signal ? { abortSignal: signal } : {}),
      {
        key: prefix,
        bucket: bucket.name,
        signal,
      },
    )
    const entries: ListEntry[] = [
      ...(page.CommonPrefixes ?? []).map(({ Prefix = '' }) => ({
        kind: 'prefix' as const,
        prefix: Prefix,
      })),
      ...(page.Contents ?? []).map(({ Key = '', ETag = '', Size = 0, LastModified }) => ({
        kind: 'object' as const,
        key: Key,
        etag: bareEtag(ETag),
        sizeBytes: Size,
        ...(LastModified && { lastModified: LastModified }),
      })),
    ]
    yield* entries.sort((a, b) => Buffer.compare(Buffer.from(nameOf(a)), Buffer.from(nameOf(b))))
    token = page.IsTruncated ? page.NextContinuationToken : undefined
  } while (token)
}

function nameOf(entry: ListEntry): string {
  return entry.kind === 'object' ? entry.key : entry.prefix
}

async function copyInS3(bucket: S3Bucket, request: CopyRequest) {
  const { sourceKey, key, sourceIfMatch, signal } = request
  const command = new CopyObjectCommand({
    Bucket: bucket.name,
    Key: key,
    CopySource: `${bucket.name}/${encodeURIComponent(sourceKey)}`,
    CopySourceIfMatch: quotedEtag(sourceIfMatch),
  })
  await sendS3(() => bucket.client.send(command, signal ? { abortSignal: signal } : {}), {
    key: sourceKey,
    bucket: bucket.name,
    signal,
    writes: true,
  })
  const stat = await statS3(bucket, { key, signal })
  return { key, etag: stat?.etag ?? '', sizeBytes: stat?.sizeBytes ?? 0 }
}
