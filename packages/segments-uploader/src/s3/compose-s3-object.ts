import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import type { SegmentCompose, SegmentPart, SegmentVersion } from '../segment-target.ts'
import { bareEtag, conditionFields, type S3Bucket, sendTo, writeFields } from './s3-bucket.ts'
import { splitPart } from './split-part.ts'

interface MultipartUpload {
  readonly Bucket: string
  readonly Key: string
  readonly UploadId: string | undefined
}

interface Part {
  readonly PartNumber: number
  readonly ETag: string | undefined
}

/**
 * Puts an object together on the server: stored ranges are copied there, new bytes are sent, and completing it
 * under the condition makes it visible in one step. An upload that is not completed is aborted.
 */
export async function composeS3Object(
  s3: S3Bucket,
  request: SegmentCompose,
): Promise<SegmentVersion> {
  const { key, signal } = request
  const Bucket = s3.bucket
  const { ContentType, Metadata } = writeFields(s3, request)
  const create = new CreateMultipartUploadCommand({ Bucket, Key: key, ContentType, Metadata })
  const { UploadId } = await sendTo(s3, { action: 'CreateMultipartUpload', key, signal }, create)
  const upload = { Bucket, Key: key, UploadId }
  try {
    const sending = request.parts
      .flatMap(splitPart)
      .map((part, index) => sendPart(s3, { ...upload, PartNumber: index + 1 }, part, signal))
    await Promise.allSettled(sending) // none may arrive behind the abort
    const Parts = await Promise.all(sending)
    const complete = new CompleteMultipartUploadCommand({
      ...upload,
      MultipartUpload: { Parts },
      ...conditionFields(s3, request),
    })
    const call = { action: 'CompleteMultipartUpload', key, signal } as const
    const { ETag, VersionId } = await sendTo(s3, call, complete)
    return { etag: bareEtag(ETag), versionId: VersionId }
  } catch (error) {
    await abortUpload(s3, upload)
    throw error
  }
}

async function sendPart(
  s3: S3Bucket,
  target: MultipartUpload & { readonly PartNumber: number },
  part: SegmentPart,
  signal: AbortSignal | undefined,
): Promise<Part> {
  const { Key: key, PartNumber } = target
  if ('body' in part) {
    const { body } = part
    const upload = new UploadPartCommand({ ...target, Body: body, ContentLength: body.length })
    const { ETag } = await sendTo(s3, { action: 'UploadPart', key, signal }, upload)
    return { PartNumber, ETag }
  }
  const copy = new UploadPartCopyCommand({
    ...target,
    CopySource: `${s3.bucket}/${part.key.split('/').map(encodeURIComponent).join('/')}`,
    CopySourceRange: part.range && `bytes=${part.range.start}-${part.range.end}`,
    CopySourceIfMatch: part.ifMatch && `"${part.ifMatch}"`,
  })
  const { CopyPartResult } = await sendTo(s3, { action: 'UploadPartCopy', key, signal }, copy)
  return { PartNumber, ETag: CopyPartResult?.ETag }
}

/** Parts that nobody completes are paid for until they are aborted. Failing here must not hide the first failure. */
async function abortUpload(s3: S3Bucket, upload: MultipartUpload): Promise<void> {
  const command = new AbortMultipartUploadCommand(upload)
  const signal = AbortSignal.timeout(ABORT_TIMEOUT_MS)
  const call = { action: 'AbortMultipartUpload', key: upload.Key, signal } as const
  await sendTo(s3, call, command).catch(() => {})
}

const ABORT_TIMEOUT_MS = 5_000
