import type {
  $Command,
  S3Client,
  S3ClientResolvedConfig,
  ServiceInputTypes,
  ServiceOutputTypes,
} from '@aws-sdk/client-s3'
import { fromS3Error, type S3ErrorContext } from './s3-errors.ts'
import type { RequestModel } from './s3-request-model.ts'

/** The client's rules of trying again, in the form that counts every request. */
type RetryStrategy = Extract<
  Awaited<ReturnType<S3ClientResolvedConfig['retryStrategy']>>,
  { acquireInitialRetryToken: unknown }
>

/** One bucket through one client, with the choices of the adapter's factory. */
export interface S3Bucket {
  readonly client: S3Client
  /** Whether nobody but us has a part in its requests: then one is like another. */
  readonly uniform: boolean
  readonly name: string
  readonly partBytes: number
  readonly concurrency: number
  readonly checksums: 'crc32' | 'none'
  readonly idleTimeoutMs: number
  /** Where interrupted uploads are remembered, if anywhere. */
  readonly resumeFolder: string | undefined
  /** What the server's answers have taught. */
  readonly learned: {
    /** How it wants an ETag in the condition of a write. */
    etagForm: 'unknown' | 'quoted' | 'bare'
    /** That the bucket is there: an absent object is just that. */
    bucketExists: boolean
    /** Whether it takes checksums behind the bytes: one part asks, meanwhile the others do without. */
    trailers: 'unknown' | 'asked' | 'taken' | 'refused'
    /** What requests look like and who signs them, once one has succeeded. */
    request:
      | {
          readonly model: RequestModel
          readonly signer: Awaited<ReturnType<S3ClientResolvedConfig['signer']>>
          readonly retries: RetryStrategy
        }
      | undefined
  }
}

/** What a command of the SDK is about. */
export interface S3Call extends Omit<S3ErrorContext, 'bucket' | 'operation'> {}

type S3Command<Input extends ServiceInputTypes, Output extends ServiceOutputTypes> = $Command<
  Input,
  Output,
  S3ClientResolvedConfig,
  ServiceInputTypes,
  ServiceOutputTypes
>

/** Sends one command of the SDK and maps what it throws. */
export async function sendS3<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
  bucket: S3Bucket,
  call: S3Call,
  command: S3Command<Input, Output>,
): Promise<Output> {
  try {
    return await bucket.client.send(command, call.signal ? { abortSignal: call.signal } : {})
  } catch (error) {
    // A bundler may have renamed the class; then the error does without.
    const operation = /^(\w+)Command$/.exec(command.constructor.name)?.[1]
    throw fromS3Error(error, { ...call, bucket: bucket.name, operation })
  }
}

/** The parameters that name an object in every call. */
export function target(bucket: S3Bucket, key: string): { Bucket: string; Key: string } {
  return { Bucket: bucket.name, Key: key }
}

/** ETags inside are bare; S3 quotes them, and some of its kin do not. */
export function bareEtag(etag: string | undefined): string {
  return etag?.startsWith('"') ? etag.slice(1, -1) : (etag ?? '')
}

/** Which version a write has made, where the bucket keeps old ones. While it has stopped to, all are called "null". */
export function versionOf(versionId: string | undefined): { readonly versionId?: string } {
  return versionId === undefined || versionId === 'null' ? {} : { versionId }
}

/** The quoted form of RFC 9110, which every server takes in conditions of reads and of copies. */
export function quotedEtag(etag: string | undefined): string | undefined {
  return etag === undefined ? undefined : `"${etag}"`
}

/** The source of a copy, as the header wants it. */
export function copySource(bucket: S3Bucket, key: string): string {
  return `${bucket.name}/${key.split('/').map(encodeURIComponent).join('/')}`
}
