import { throwIfAborted } from '../storage-errors.ts'
import { bareEtag, type S3Bucket } from './s3-bucket.ts'
import type { S3Multipart, StoredPart } from './s3-multipart.ts'
import type { PartBody } from './s3-part-body.ts'
import type { PartSource } from './s3-parts.ts'
import { sendPart } from './s3-send-part.ts'

export interface SendPartsOptions {
  readonly upload: S3Multipart
  readonly source: PartSource
  /** Parts that an earlier try has stored. One that has the same bytes is not sent again. */
  readonly stored?: ReadonlyMap<number, StoredPart> | undefined
  readonly signal?: AbortSignal | undefined
}

/** Sends the parts of a source, several at once; the first failure stops all of them. */
export async function sendParts(
  bucket: S3Bucket,
  options: SendPartsOptions,
): Promise<StoredPart[]> {
  const { upload, source, stored } = options
  const stop = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal
  const parts: StoredPart[] = []

  const work = async (): Promise<void> => {
    const next = source.reader()
    for (let part = await next(); part && !stop.signal.aborted; part = await next()) {
      throwIfAborted(options.signal)
      const { number, body } = part
      const known = stored?.get(number)
      const same = known && (await isSame(known, body))
      parts.push(same ? known : await sendPart(bucket, upload, { number, body, signal }))
    }
  }

  const workers = Array.from({ length: Math.max(Math.min(bucket.concurrency, source.maxParts), 1) })
  await Promise.all(workers.map(() => work().catch((error: unknown) => stop.abort(error))))
  if (stop.signal.aborted) throw stop.signal.reason
  return parts
}

/** By the stored CRC-32; where a server keeps none, by the MD5 that is the ETag of a part. */
async function isSame({ sizeBytes, crc, etag }: StoredPart, body: PartBody): Promise<boolean> {
  if (sizeBytes !== body.sizeBytes) return false
  if (crc !== undefined) return crc === (await body.crc32())
  return bareEtag(etag) === (await body.hash('md5'))
}
