import type { Readable } from 'node:stream'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { nonEmpty, requireObject } from '../check-option.ts'
import type { SegmentRange, SegmentTarget } from '../segment-target.ts'
import { composeS3Object } from './compose-s3-object.ts'
import { withEtagStyle } from './etag-style.ts'
import { bareEtag, type S3Bucket, sendStream, sendTo, wholeSize, writeFields } from './s3-bucket.ts'
import { statS3Object } from './stat-s3-object.ts'

/** The bucket, and how to reach it. */
export interface S3SegmentTargetOptions {
  /** A ready client; give it path style and an endpoint for stores other than AWS. */
  client: S3Client
  bucket: string
}

/** Every part of a multipart upload but the last needs this. @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const MIN_PART_BYTES = 5 * 1024 * 1024

/**
 * Makes a target over one bucket of S3 or a store that speaks its protocol.
 * @throws {TypeError} naming the option that is wrong
 */
export function createS3SegmentTarget(options: S3SegmentTargetOptions): SegmentTarget {
  requireObject('options', options)
  const { client } = options
  if (typeof client?.send !== 'function') throw new TypeError('client: give an S3Client')
  const bucket = nonEmpty('bucket', options.bucket)
  const s3: S3Bucket = { client, bucket, etags: { quoted: true, known: false } }
  const Bucket = bucket

  const put: SegmentTarget['put'] = async (request) => {
    const { key, body, sizeBytes, signal } = request
    const call = { action: 'PutObject', key, signal } as const
    const write = (Body: Uint8Array | Readable, ContentLength: number | undefined) => {
      const fields = { Bucket, Key: key, ...writeFields(s3, request), Body, ContentLength }
      return new PutObjectCommand(fields)
    }
    const bytes = body instanceof Uint8Array
    const send = async () => {
      const { ETag, VersionId } = bytes
        ? await sendTo(s3, call, write(body, body.length))
        : await sendStream(s3, call, body, (stream) => write(stream, sizeBytes))
      return { etag: bareEtag(ETag), versionId: VersionId }
    }
    return await withEtagStyle(s3, request, { send, repeatable: bytes })
  }

  const get: SegmentTarget['get'] = async ({ key, range, ifMatch, signal }) => {
    const command = new GetObjectCommand({
      Bucket,
      Key: key,
      Range: range && rangeHeader(range),
      IfMatch: ifMatch && `"${ifMatch}"`,
    })
    const found = await sendTo(s3, { action: 'GetObject', key, signal }, command)
    return {
      etag: bareEtag(found.ETag),
      sizeBytes: wholeSize(found),
      metadata: found.Metadata,
      body: found.Body as Readable,
    }
  }

  async function* list({ prefix }: { prefix: string }) {
    let ContinuationToken: string | undefined
    do {
      const command = new ListObjectsV2Command({ Bucket, Prefix: prefix, ContinuationToken })
      const page = await sendTo(s3, { action: 'ListObjectsV2', key: prefix }, command)
      for (const { Key = '', Size = 0 } of page.Contents ?? []) {
        yield { kind: 'object' as const, key: Key, sizeBytes: Size }
      }
      ContinuationToken = page.NextContinuationToken
    } while (ContinuationToken)
  }

  return {
    capabilities: { conditionalWrites: true, compose: { minPartBytes: MIN_PART_BYTES } },
    put,
    get,
    stat: (request) => statS3Object(s3, request),
    compose: async (request) => {
      const send = () => composeS3Object(s3, request)
      return await withEtagStyle(s3, request, { send, repeatable: true })
    },
    list,
    delete: async ({ key, signal }) => {
      const command = new DeleteObjectCommand({ Bucket, Key: key })
      await sendTo(s3, { action: 'DeleteObject', key, signal }, command)
    },
  }
}

function rangeHeader({ start, end }: SegmentRange): string {
  return `bytes=${start}-${end ?? ''}`
}
