import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { ListPartsCommand } from '@aws-sdk/client-s3'
import type { PutRequest } from '../storage-provider.ts'
import { type S3Bucket, sendS3, target } from './s3-bucket.ts'
import { abortMultipart, type S3Multipart, type StoredPart } from './s3-multipart.ts'

/*
 * Uploads that go on after `kill -9`. A journal file remembers which upload of the storage belongs to which
 * local file; what has been stored is asked of the storage itself. A stored part counts only if the same bytes
 * are still in the file, so a journal that is wrong costs time and never a byte.
 */

/** What makes two uploads the same: the file as it is, where it goes, and how it is cut. */
interface Journal {
  readonly identity: string
  readonly uploadId: string
  /** The token in the metadata that the upload was begun with. */
  readonly token: string
}

/** An upload that may have been begun before. */
export interface ResumableUpload {
  readonly begun:
    | {
        readonly upload: S3Multipart
        readonly token: string
        readonly stored: Map<number, StoredPart>
      }
    | undefined
  readonly remember: (upload: S3Multipart, token: string) => Promise<void>
  readonly forget: () => Promise<void>
}

/** Looks for an interrupted upload of this file to this key; `undefined` where nothing is remembered. */
export async function findResumable(
  bucket: S3Bucket,
  request: PutRequest,
  partBytes: number,
): Promise<ResumableUpload | undefined> {
  const { resumeFolder } = bucket
  const { body, key } = request
  if (resumeFolder === undefined || body instanceof Uint8Array || Symbol.asyncIterator in body)
    return undefined
  const path = resolve(body.path)
  const { size, mtimeMs, ino } = await stat(path)
  const { mediaType, metadata } = request
  const identity = JSON.stringify([
    bucket.name,
    key,
    path,
    size,
    mtimeMs,
    ino,
    partBytes,
    mediaType,
    metadata,
  ])
  const name = createHash('sha256')
    .update(JSON.stringify([bucket.name, key, path]))
    .digest('hex')
  const file = join(resumeFolder, `${name.slice(0, 40)}.json`)
  const journal = await readJournal(file)
  const remembered = journal && { key, uploadId: journal.uploadId }
  const upload = journal?.identity === identity ? remembered : undefined
  // The file has changed since: its parts are nobody's now.
  if (remembered && !upload) await abortMultipart(bucket, remembered)
  const stored = upload && (await storedParts(bucket, upload, request.signal))
  return {
    begun: upload && stored && journal && { upload, token: journal.token, stored },
    remember: async ({ uploadId }, token) => {
      await mkdir(resumeFolder, { recursive: true })
      const temporary = `${file}.${process.pid}`
      await writeFile(temporary, JSON.stringify({ identity, uploadId, token } satisfies Journal))
      await rename(temporary, file)
    },
    forget: () => rm(file, { force: true }),
  }
}

async function readJournal(file: string): Promise<Journal | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Journal
  } catch {
    return undefined
  }
}

/** The parts that the storage has; `undefined` when it knows no such upload any more. */
async function storedParts(
  bucket: S3Bucket,
  { key, uploadId }: S3Multipart,
  signal: AbortSignal | undefined,
): Promise<Map<number, StoredPart> | undefined> {
  const stored = new Map<number, StoredPart>()
  let marker: string | undefined
  try {
    do {
      const command = new ListPartsCommand({
        ...target(bucket, key),
        UploadId: uploadId,
        PartNumberMarker: marker,
      })
      const page = await sendS3(bucket, { key, signal }, command)
      for (const { PartNumber = 0, Size = 0, ETag = '', ChecksumCRC32 } of page.Parts ?? []) {
        const crc = ChecksumCRC32 && Buffer.from(ChecksumCRC32, 'base64').readUInt32BE()
        stored.set(PartNumber, {
          number: PartNumber,
          sizeBytes: Size,
          etag: ETag,
          crc: crc || undefined,
        })
      }
      marker = page.IsTruncated ? page.NextPartNumberMarker : undefined
    } while (marker !== undefined)
    return stored
  } catch (error) {
    if ((error as { details?: { s3Code?: string } }).details?.s3Code === 'NoSuchUpload')
      return undefined
    throw error
  }
}
