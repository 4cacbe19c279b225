import type { S3Client } from '@aws-sdk/client-s3'
import { fromS3Error, type S3ErrorContext } from './s3-errors.ts'

/** One bucket through one client, with the choices of the adapter's factory. */
export interface S3Bucket {
  readonly client: S3Client
  readonly name: string
  readonly partBytes: number
  readonly concurrency: number
  readonly checksums: 'crc32' | 'none'
}

/** Runs one call of the SDK and maps what it throws. */
export async function sendS3<T>(call: () => Promise<T>, context: S3ErrorContext): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw fromS3Error(error, context)
  }
}

/** ETags inside are bare; S3 quotes them, and some of its kin do not. */
export function bareEtag(etag: string): string {
  return etag.replace(/^"(.*)"$/, '$1')
}

export function quotedEtag(etag: string | undefined): string | undefined {
  return etag === undefined ? undefined : `"${etag}"`
}
