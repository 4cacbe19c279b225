import { PutObjectCommand } from '@aws-sdk/client-s3'
import { isIntegrationError } from '@mortise/errors'
import { throwIfAborted } from '../storage-errors.ts'
import type { PutRequest, PutResult } from '../storage-provider.ts'
import { crc32 } from './crc32.ts'
import { type S3Bucket, sendS3, target } from './s3-bucket.ts'
import { newWriteToken, sendConditional, withToken, writeToken } from './s3-conditions.ts'
import {
  abortMultipart,
  attributesOf,
  beginMultipart,
  checksumOf,
  completeMultipart,
} from './s3-multipart.ts'
import { openParts, type PartSource } from './s3-parts.ts'
import { putAlike, toWriteAnswer } from './s3-put-alike.ts'
import { withPayloadHash } from './s3-request.ts'
import { findResumable, type ResumableUpload } from './s3-resume.ts'
import { goOnFrom, learnFrom } from './s3-send-alike.ts'
import { sendParts } from './s3-send-parts.ts'

/** Stores a body: in one request when it fits into a part, otherwise in parts, several at a time. */
export async function putToS3(bucket: S3Bucket, request: PutRequest): Promise<PutResult> {
  const source = await openParts(request.body, request, bucket.partBytes)
  try {
    const whole = await source.whole()
    throwIfAborted(request.signal)
    return await (whole ? putWhole(bucket, request, whole) : putInParts(bucket, request, source))
  } finally {
    await source[Symbol.asyncDispose]()
  }
}

function putWhole(bucket: S3Bucket, request: PutRequest, bytes: Uint8Array): Promise<PutResult> {
  const { key, signal, ifMatch, ifNoneMatch } = request
  const token = writeToken(request)
  const conditional = token !== undefined
  const checksum = checksumOf(bucket, bucket.checksums === 'crc32' ? crc32(bytes) : undefined)
  const sizeBytes = bytes.byteLength
  const attributes = attributesOf({ ...request, metadata: withToken(request.metadata, token) })
  return sendConditional(
    bucket,
    { key, ifMatch, ifNoneMatch, signal, sizeBytes, token },
    async (headers) => {
      const content = { key, bytes, attributes, checksum }
      const tried = conditional ? undefined : await putAlike(bucket, content, signal)
      if (tried?.answer) return toWriteAnswer(tried.answer)
      const command = withPayloadHash(
        new PutObjectCommand({
          ...target(bucket, key),
          ...attributes,
          ...checksum,
          ...headers,
          Body: bytes,
          ContentLength: sizeBytes,
        }),
      )
      goOnFrom(command, tried)
      learnFrom(bucket, command, key)
      return sendS3(bucket, { key, signal, writes: true, conditional }, command)
    },
  )
}

async function putInParts(
  bucket: S3Bucket,
  request: PutRequest,
  source: PartSource,
): Promise<PutResult> {
  const { key, signal, ifMatch, ifNoneMatch } = request
  const resumable = await findResumable(bucket, request, source.partBytes)
  const { upload, token, stored } = resumable?.begun ?? (await begin(bucket, request, resumable))
  try {
    const parts = await sendParts(bucket, { upload, source, stored, signal })
    const sizeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0)
    throwIfAborted(signal)
    const result = await sendConditional(
      bucket,
      { key, ifMatch, ifNoneMatch, signal, sizeBytes, token },
      (headers) => completeMultipart(bucket, upload, parts, { ...headers, signal }),
    )
    await resumable?.forget()
    return result
  } catch (error) {
    // What time heals is worth going on with; the parts of everything else go.
    if (!resumable || !(isIntegrationError(error) && error.retryable)) {
      await abortMultipart(bucket, upload)
      await resumable?.forget()
    }
    throw error
  }
}

async function begin(
  bucket: S3Bucket,
  request: PutRequest,
  resumable: ResumableUpload | undefined,
) {
  const token = newWriteToken()
  const metadata = withToken(request.metadata, token)
  const upload = await beginMultipart(bucket, { ...request, metadata })
  await resumable?.remember(upload, token)
  return { upload, token, stored: undefined }
}
