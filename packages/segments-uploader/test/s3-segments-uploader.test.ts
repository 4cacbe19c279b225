import { GetObjectCommand } from '@aws-sdk/client-s3'
import { expect, inject, it } from 'vitest'
import type { S3Server } from '../../../scripts/servers/s3-server.ts'
import { describeWithS3 } from '../../../scripts/vitest/servers.ts'
import { createS3SegmentsUploader } from '../src/s3/index.ts'
import { createTestBucket } from './s3-bucket.ts'

const server = inject('s3') as S3Server
const NOON = Date.UTC(2026, 10, 21, 12)

const configFor = (bucket: string) => ({
  aws_access_key_id: server.accessKeyId,
  aws_secret_access_key: server.secretAccessKey,
  s3_bucket: bucket,
  s3_endpoint: server.endpoint,
})

describeWithS3('createS3SegmentsUploader', () => {
  it('loses nothing when eight uploaders write into one file', async () => {
    await using s3 = await createTestBucket(server)
    const uploaders = Array.from({ length: 8 }, () =>
      createS3SegmentsUploader(configFor(s3.bucket), { now: () => NOON }),
    )
    const answers = await Promise.all(
      uploaders.flatMap((uploader, writer) =>
        Array.from({ length: 20 }, (_, event) =>
          uploader.run({ traits: { smi_uid: `${writer}-${event}` }, segments: ['a'] }),
        ),
      ),
    )
    await Promise.all(uploaders.map((uploader) => uploader.close()))
    expect(new Set(answers.map(({ port }) => port))).toEqual(new Set(['success']))
    const found = await s3.client.send(
      new GetObjectCommand({ Bucket: s3.bucket, Key: '2026-11-21_segments.json' }),
    )
    const { profiles } = JSON.parse((await found.Body?.transformToString()) ?? '')
    expect(profiles).toHaveLength(160)
    expect(new Set(profiles.map((entry: { smi_uid: string }) => entry.smi_uid)).size).toBe(160)
  })

  it('names a bucket that does not exist', async () => {
    await using uploader = createS3SegmentsUploader(configFor('segments-no-such-bucket'))
    await expect(uploader.upload({ traits: { smi_uid: 1 } })).rejects.toMatchObject({
      code: 'SEGMENTS_BUCKET_NOT_FOUND',
      kind: 'permanent',
    })
  })
})
