import type { S3ClientConfig } from '@aws-sdk/client-s3'
import { expect, inject, it } from 'vitest'
import type { S3Server } from '../../../scripts/servers/s3-server.ts'
import { describeWithS3 } from '../../../scripts/vitest/servers.ts'
import { createSegmentsUploader } from '../src/index.ts'
import { createS3SegmentTarget } from '../src/s3/index.ts'
import { toS3SegmentsError } from '../src/s3/s3-segments-errors.ts'
import { connectTo, createTestBucket } from './s3-bucket.ts'

const server = inject('s3') as S3Server
const NOON = Date.UTC(2026, 10, 21, 12)
const KEY = '2026-11-21_segments.json'
const PAYLOAD = { traits: { smi_uid: 'u1' } }
const { accessKeyId, secretAccessKey } = server ?? {}

function uploaderFor(bucket: string, config: S3ClientConfig) {
  return createSegmentsUploader({
    target: createS3SegmentTarget({ client: connectTo(server, config), bucket }),
    now: () => NOON,
  })
}

describeWithS3('what the real server refuses', () => {
  it.each([
    [
      { accessKeyId: 'nobody', secretAccessKey },
      '403 InvalidAccessKeyId: the store does not know this access key id; check it and the endpoint',
    ],
    [
      { accessKeyId, secretAccessKey: 'hunter2' },
      '403 SignatureDoesNotMatch: the secret access key does not belong to this access key id',
    ],
  ])('is explained by what was asked, of what, and what helps', async (credentials, reason) => {
    await using s3 = await createTestBucket(server)
    const uploader = uploaderFor(s3.bucket, { credentials })
    const words = `GetObject of ${s3.bucket}/${KEY} was answered ${reason}`
    await expect(uploader.run(PAYLOAD)).resolves.toEqual({
      port: 'error',
      value: { error: `S3 upload error: ${words}` },
    })
    await expect(uploader.upload(PAYLOAD)).rejects.toMatchObject({
      code: 'SEGMENTS_ACCESS_DENIED',
      kind: 'auth',
      outcome: 'not_sent',
      message: expect.not.stringContaining('hunter2'),
    })
  })

  it('is explained for an account that may not', async () => {
    await using s3 = await createTestBucket(server)
    const uploader = uploaderFor(s3.bucket, { credentials: ANONYMOUS, signer: UNSIGNED })
    await expect(uploader.upload(PAYLOAD)).rejects.toMatchObject({
      code: 'SEGMENTS_ACCESS_DENIED',
      message: `GetObject of ${s3.bucket}/${KEY} was answered 403 AccessDenied: grant the account s3:GetObject and s3:ListBucket`,
    })
  })

  it('is no obstacle when it was the clock, once the server has told the time', async () => {
    await using s3 = await createTestBucket(server)
    const uploader = uploaderFor(s3.bucket, { systemClockOffset: -3_600_000 })
    await expect(uploader.upload(PAYLOAD)).resolves.toMatchObject({ position: 0 })
  })
})

const ANONYMOUS = { accessKeyId: '', secretAccessKey: '' }
const UNSIGNED = { sign: async (request: unknown) => request } as never

const where = { action: 'PutObject', bucket: 'exports', key: 'day.json' } as const

it.each([
  [
    'PermanentRedirect',
    301,
    'SEGMENTS_REGION_WRONG',
    'permanent',
    'the bucket is in another region',
  ],
  ['Unknown', 301, 'SEGMENTS_REGION_WRONG', 'permanent', 'answered 301: the bucket is in another'],
  ['AuthorizationHeaderMalformed', 400, 'SEGMENTS_REGION_WRONG', 'permanent', 'in another region'],
  ['ExpiredToken', 400, 'SEGMENTS_ACCESS_DENIED', 'auth', 'the session token has expired'],
  ['AccessDenied', 403, 'SEGMENTS_ACCESS_DENIED', 'auth', 'grant the account s3:PutObject and'],
  ['RequestTimeTooSkewed', 403, 'SEGMENTS_TARGET_FAILED', 'transient', 'the clock of this machine'],
  ['NoSuchBucket', 404, 'SEGMENTS_BUCKET_NOT_FOUND', 'permanent', 'The bucket exports does not'],
  [
    'InvalidArgument',
    400,
    'SEGMENTS_TARGET_FAILED',
    'permanent',
    'was answered 400 InvalidArgument',
  ],
  ['InternalError', 500, 'SEGMENTS_TARGET_FAILED', 'transient', 'was answered 500 InternalError'],
])('%s (%i) is %s', (name, httpStatusCode, code, kind, words) => {
  const thrown = { name, message: 'UnknownError', $metadata: { httpStatusCode } }
  const error = toS3SegmentsError(thrown, where)
  expect(error).toMatchObject({ code, kind, message: expect.stringContaining(words) })
  expect(error.message).not.toContain('Unknown')
})

it('what was never answered says why', () => {
  const thrown = Object.assign(new AggregateError([], ''), { code: 'ECONNREFUSED' })
  expect(toS3SegmentsError(thrown, where).message).toBe(
    'PutObject of exports/day.json was not answered: ECONNREFUSED',
  )
})
