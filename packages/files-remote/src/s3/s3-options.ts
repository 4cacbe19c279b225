import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import type { S3Bucket } from './s3-bucket.ts'
import { MIN_PART_BYTES } from './s3-multipart.ts'

/** Which bucket, through which client, and how. */
export interface S3StorageProviderOptions {
  readonly bucket: string
  /** A client of yours, with its own retries and timeouts. Default: one made of `clientConfig`. */
  readonly client?: S3Client | undefined
  /** Region, endpoint, credentials and so on for the client that is made when you give none. */
  readonly clientConfig?: S3ClientConfig | undefined
  /** Bytes in one part, and the largest body that is sent in one request. Default {@link DEFAULT_PART_BYTES}. */
  readonly partBytes?: number | undefined
  /** Parts under way at once. Memory is this many times `partBytes`. Default {@link DEFAULT_CONCURRENCY}. */
  readonly concurrency?: number | undefined
  /** What protects bodies on the way: CRC-32 end to end, or only what the transport does. Default `crc32`. */
  readonly checksums?: 'crc32' | 'none' | undefined
  /** Whether the storage honours conditions on DELETE: Amazon and Ceph from 20 do, others delete regardless. Default `false`. */
  readonly conditionalDeletes?: boolean | undefined
  /** How long an answer may stand still before it counts as lost. Default {@link DEFAULT_IDLE_TIMEOUT_MS}. */
  readonly idleTimeoutMs?: number | undefined
  /**
   * A folder for journals: an upload of a local file that was interrupted, also by `kill -9`, goes on where it was
   * when the same file is put under the same key again. Its parts are kept meanwhile. Default: every upload begins anew.
   */
  readonly resumeFolder?: string | undefined
}

/** 16 MiB: larger parts cost memory and gain nothing measurable, 5 MiB ones take a third longer. */
export const DEFAULT_PART_BYTES = 16 * 1024 * 1024

/** Four parts: eight gain 6 % for twice the memory. */
export const DEFAULT_CONCURRENCY = 4

/** One minute: a storage that assembles a large object may be silent for a while. */
export const DEFAULT_IDLE_TIMEOUT_MS = 60_000

const CONNECT_TIMEOUT_MS = 10_000

/** The default of the SDK (3) gives up in a storm of 503. */
const MAX_ATTEMPTS = 5

/** Checks the options and opens the bucket. */
export function openBucket(options: S3StorageProviderOptions): S3Bucket {
  const { partBytes = DEFAULT_PART_BYTES, concurrency = DEFAULT_CONCURRENCY } = options
  const { checksums = 'crc32', idleTimeoutMs = DEFAULT_IDLE_TIMEOUT_MS } = options
  if (typeof options.bucket !== 'string' || options.bucket === '') {
    throw new TypeError(
      `bucket must be the name of a bucket, got ${JSON.stringify(options.bucket)}.`,
    )
  }
  if (checksums !== 'crc32' && checksums !== 'none') {
    throw new TypeError(`checksums must be "crc32" or "none", got ${JSON.stringify(checksums)}.`)
  }
  atLeast(MIN_PART_BYTES, partBytes, 'partBytes')
  atLeast(1, concurrency, 'concurrency')
  atLeast(1, idleTimeoutMs, 'idleTimeoutMs')
  return {
    client: options.client ?? makeClient(options.clientConfig ?? {}, checksums, idleTimeoutMs),
    uniform: isUniform(options),
    name: options.bucket,
    partBytes,
    concurrency,
    checksums,
    idleTimeoutMs,
    resumeFolder: options.resumeFolder,
    learned: { etagForm: 'unknown', bucketExists: false, trailers: 'unknown', request: undefined },
  }
}

/** A middleware of yours, a logger or an endpoint that is asked for each time would see that requests are made otherwise. */
function isUniform({ client, clientConfig }: S3StorageProviderOptions): boolean {
  return !client && !clientConfig?.logger && typeof clientConfig?.endpoint !== 'function'
}

function makeClient(
  config: S3ClientConfig,
  checksums: 'crc32' | 'none',
  idleTimeoutMs: number,
): S3Client {
  return new S3Client({
    maxAttempts: MAX_ATTEMPTS,
    // The SDK would open a connection of its own for every body from 2 MiB.
    expectContinueHeader: false,
    requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS, socketTimeout: idleTimeoutMs },
    ...(checksums === 'none' && {
      requestChecksumCalculation: 'WHEN_REQUIRED' as const,
      responseChecksumValidation: 'WHEN_REQUIRED' as const,
    }),
    ...config,
  })
}

function atLeast(least: number, value: number, name: string): void {
  if (Number.isSafeInteger(value) && value >= least) return
  throw new TypeError(`${name} must be a whole number >= ${least}, got ${value}.`)
}
