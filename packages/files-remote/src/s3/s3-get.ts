import type { Readable } from 'node:stream'
import { GetObjectCommand } from '@aws-sdk/client-s3'
import type { GetRequest, GetResult } from '../storage-provider.ts'
import { s3Body } from './s3-body.ts'
import { quotedEtag, type S3Bucket, sendS3, target } from './s3-bucket.ts'
import { type GetAnswer, getAlike, rangeHeader, toGetAnswer } from './s3-get-alike.ts'
import { withOwnValidation } from './s3-request.ts'
import { type AlikeTry, goOnFrom, learnFrom } from './s3-send-alike.ts'
import { toHead } from './s3-stat.ts'

/** Opens an object, or a range of it, for reading. */
export async function getFromS3(bucket: S3Bucket, request: GetRequest): Promise<GetResult> {
  const { key, range, signal } = request
  const tried = await getAlike(bucket, request)
  const answer = tried?.answer
    ? toGetAnswer(tried.answer)
    : await getThroughSdk(bucket, request, tried)
  const expectedBytes = answer.ContentLength ?? 0
  const whole = answer.ContentRange?.split('/')[1]
  const { stat, checksum } = toHead(
    key,
    answer,
    whole === undefined ? expectedBytes : Number(whole),
  )
  const body = s3Body(bucket, answer.Body as Readable, {
    key,
    expectedBytes,
    checksum: range || bucket.checksums === 'none' ? undefined : checksum,
    signal,
  })
  return { ...stat, body }
}

function getThroughSdk(
  bucket: S3Bucket,
  request: GetRequest,
  tried: AlikeTry | undefined,
): Promise<GetAnswer> {
  const { key, range, ifMatch, ifNoneMatch, signal } = request
  const command = new GetObjectCommand({
    ...target(bucket, key),
    Range: range && rangeHeader(range),
    IfMatch: quotedEtag(ifMatch),
    IfNoneMatch: quotedEtag(ifNoneMatch),
  })
  if (bucket.checksums === 'crc32') withOwnValidation(command)
  goOnFrom(command, tried)
  learnFrom(bucket, command, key)
  return sendS3(bucket, { key, signal }, command)
}
