import { createHash } from 'node:crypto'
import { storageError } from '../storage-errors.ts'
import { crc32 } from './crc32.ts'
import { bareEtag, type S3Bucket } from './s3-bucket.ts'
import { MAX_PARTS, type S3Multipart, type StoredPart, sendPart } from './s3-multipart.ts'
import type { PartSource } from './s3-parts.ts'

export interface SendPartsOptions {
  readonly upload: S3Multipart
  readonly source: PartSource
  /** The first part, read already. Its memory becomes that of the first worker. */
  readonly first: Buffer
  /** Parts that an earlier try has stored. One that has the same bytes is not sent again. */
  readonly stored?: ReadonlyMap<number, StoredPart> | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Reads a source part by part and sends several at once. Every worker owns one buffer, so memory is bounded by
 * the number of workers; the first failure stops all of them.
 */
export async function sendParts(
  bucket: S3Bucket,
  options: SendPartsOptions,
): Promise<StoredPart[]> {
  const { upload, source, first, stored } = options
  const stop = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal
  const parts: StoredPart[] = []
  let lastNumber = 0
  let reading: Promise<unknown> = Promise.resolve()

  /** Reads are one after the other; what was read goes out side by side. */
  const take = (buffer: Buffer, filled?: number) => {
    const turn = reading.then(async () => {
      signal.throwIfAborted()
      const length = filled ?? (await source.fill(buffer))
      if (length === 0) return undefined
      lastNumber += 1
      if (lastNumber > MAX_PARTS) throw tooManyParts(source)
      return { number: lastNumber, bytes: buffer.subarray(0, length), signal }
    })
    reading = turn.catch(() => undefined)
    return turn
  }

  const work = async (buffer: Buffer, filled?: number): Promise<void> => {
    for (let part = await take(buffer, filled); part; part = await take(buffer)) {
      const known = stored?.get(part.number)
      parts.push(known && isSame(known, part.bytes) ? known : await sendPart(bucket, upload, part))
    }
  }

  const count = Math.max(Math.min(bucket.concurrency, source.partsLeft), 1)
  const buffers = [
    first,
    ...Array.from({ length: count - 1 }, () => Buffer.allocUnsafe(source.partBytes)),
  ]
  const workers = buffers.map((buffer) =>
    work(buffer, buffer === first ? first.length : undefined).catch((error: unknown) =>
      stop.abort(error),
    ),
  )
  await Promise.all(workers)
  if (stop.signal.aborted) throw stop.signal.reason
  return parts
}

/** By the stored CRC-32; where a server keeps none, by the MD5 that is the ETag of a part. */
function isSame({ sizeBytes, crc, etag }: StoredPart, bytes: Uint8Array): boolean {
  if (sizeBytes !== bytes.byteLength) return false
  if (crc !== undefined) return crc === crc32(bytes)
  return bareEtag(etag) === createHash('md5').update(bytes).digest('hex')
}

function tooManyParts({ partBytes }: PartSource): Error {
  return storageError(
    'FILES_REMOTE_SIZE_LIMIT_EXCEEDED',
    `The body needs more than ${MAX_PARTS} parts of ${partBytes} bytes. Give sizeBytes, or a larger partBytes.`,
    { outcome: 'not_sent' },
  )
}
