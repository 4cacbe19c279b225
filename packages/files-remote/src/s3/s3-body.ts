import { Readable } from 'node:stream'
import { storageError } from '../storage-errors.ts'
import { truncated } from '../write-file-whole.ts'
import { crc32, toBase64 } from './crc32.ts'
import type { S3Bucket } from './s3-bucket.ts'
import { fromS3Error } from './s3-errors.ts'

export interface S3BodyOptions {
  readonly key: string
  /** How many bytes must come. */
  readonly expectedBytes: number
  /** The CRC-32 that they must have, in Base64, where the storage told it. */
  readonly checksum?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * The body of an answer with its promises checked: as long as announced, with the stored checksum, and failing
 * with errors of ours. Destroying it drops the connection instead of reading on.
 */
export function s3Body(bucket: S3Bucket, source: Readable, options: S3BodyOptions): Readable {
  const { key, expectedBytes, checksum, signal } = options
  let received = 0
  let crc = 0
  const body = new Readable({
    read: () => {
      source.resume()
    },
    destroy: (error, done) => {
      source.destroy()
      done(error)
    },
  })
  source.on('data', (chunk: Buffer) => {
    received += chunk.length
    if (checksum !== undefined) crc = crc32(chunk, crc)
    if (!body.push(chunk)) source.pause()
  })
  source.on('end', () => {
    if (received !== expectedBytes) body.destroy(truncated(expectedBytes, received))
    else if (checksum !== undefined && toBase64(crc) !== checksum)
      body.destroy(checksumMismatch(key))
    else body.push(null)
  })
  source.on('error', (error) => {
    body.destroy(fromS3Error(error, { key, bucket: bucket.name, signal }))
  })
  source.on('close', () => {
    if (!source.readableEnded && !body.destroyed) body.destroy(truncated(expectedBytes, received))
  })
  source.pause()
  return body
}

/** The error of bytes that are not those which were stored. */
export function checksumMismatch(key: string): Error {
  return storageError(
    'FILES_REMOTE_CHECKSUM_MISMATCH',
    `The bytes of "${key}" changed on their way here: their CRC-32 is not the stored one.`,
    { details: { key } },
  )
}
