import {
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  PutBucketVersioningCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { expect, inject, it } from 'vitest'
import type { S3Server } from '../../../scripts/servers/s3-server.ts'
import { describeWithS3 } from '../../../scripts/vitest/servers.ts'
import { createSegmentsUploader } from '../src/index.ts'
import { createS3SegmentTarget } from '../src/s3/index.ts'
import { createTestBucket, type TestBucket } from './s3-bucket.ts'

const server = inject('s3') as S3Server
const NOON = Date.UTC(2026, 10, 21, 12)
const KEY = '2026-11-21_segments.json'
const MIB = 1024 * 1024

const profile = (id: unknown, segments: unknown = ['a']) => ({ traits: { smi_uid: id }, segments })

async function readDay({ client, bucket }: TestBucket) {
  const found = await client.send(new GetObjectCommand({ Bucket: bucket, Key: KEY }))
  return JSON.parse((await found.Body?.transformToString()) ?? '').profiles as { smi_uid: string }[]
}

interface HttpRequest {
  method: string
  path: string
  headers: Record<string, string>
}

/** A client that shows every request on its way, and may answer it itself. */
function watchedClient(look: (request: HttpRequest) => number | undefined) {
  const handler = new NodeHttpHandler()
  return new S3Client({
    region: server.region,
    endpoint: server.endpoint,
    forcePathStyle: true,
    credentials: server,
    maxAttempts: 1,
    requestHandler: {
      handle: async (...received: Parameters<NodeHttpHandler['handle']>) => {
        const status = look(received[0])
        const answer = await handler.handle(...received)
        if (status !== undefined) answer.response.statusCode = status
        return answer
      },
    },
  })
}

describeWithS3('an S3 target', () => {
  it('appends on the server from 5 MiB on, sending only what is new', async () => {
    await using s3 = await createTestBucket(server)
    let sent = 0
    const client = watchedClient(({ headers }) => {
      sent += Number(headers['content-length'] ?? 0)
      return undefined
    })
    const target = createS3SegmentTarget({ client, bucket: s3.bucket })
    const open = () => createSegmentsUploader({ target, now: () => NOON, paddingBytes: 5 * MIB })
    const [first, second] = [open(), open()]
    await first.upload(profile('u1'))
    await second.upload(profile('u2'))
    sent = 0
    for (let event = 3; event < 9; event += 1) {
      await (event % 2 === 0 ? first : second).upload(profile(`u${event}`))
    }
    expect(sent).toBeLessThan(20_000)
    const ids = (await readDay(s3)).map(({ smi_uid }) => smi_uid)
    expect(ids).toEqual(['u1', 'u2', 'u3', 'u4', 'u5', 'u6', 'u7', 'u8'])
    const head = await s3.client.send(new HeadObjectCommand({ Bucket: s3.bucket, Key: KEY }))
    expect(head.ContentType).toBe('application/json')
    const uploads = await s3.client.send(new ListMultipartUploadsCommand({ Bucket: s3.bucket }))
    expect(uploads.Uploads ?? []).toEqual([])
    client.destroy()
  })

  it('loses nothing when several append on the server at once', async () => {
    await using s3 = await createTestBucket(server)
    const target = createS3SegmentTarget(s3)
    const uploaders = Array.from({ length: 3 }, () =>
      createSegmentsUploader({ target, now: () => NOON, paddingBytes: 5 * MIB }),
    )
    await Promise.all(
      uploaders.flatMap((uploader, writer) =>
        Array.from({ length: 4 }, (_, event) => uploader.upload(profile(`${writer}-${event}`))),
      ),
    )
    expect(new Set((await readDay(s3)).map(({ smi_uid }) => smi_uid)).size).toBe(12)
  })

  it('learns that a store wants versions without quotes', async () => {
    await using s3 = await createTestBucket(server)
    const spellings: string[] = []
    const client = watchedClient(({ method, path, headers }) => {
      const { 'if-match': version } = headers
      if (method !== 'PUT' || version === undefined || !path.endsWith(KEY)) return undefined
      spellings.push(version.startsWith('"') ? 'quoted' : 'bare')
      return undefined
    })
    const refuseQuoted = quotesRefused(client)
    const target = createS3SegmentTarget({ client: refuseQuoted, bucket: s3.bucket })
    const uploader = createSegmentsUploader({ target, now: () => NOON })
    for (const id of ['u1', 'u2', 'u3']) await uploader.upload(profile(id))
    expect(await readDay(s3)).toHaveLength(3)
    expect(spellings).toEqual(['bare', 'bare'])
    client.destroy()
  })

  it('keeps its promise on a bucket with versions, or is refused there', async () => {
    await using s3 = await createTestBucket(server)
    const VersioningConfiguration = { Status: 'Enabled' } as const
    await s3.client.send(
      new PutBucketVersioningCommand({ Bucket: s3.bucket, VersioningConfiguration }),
    )
    const answers = await Promise.allSettled(
      Array.from({ length: 4 }, async (_, n) => {
        const uploader = createSegmentsUploader({
          target: createS3SegmentTarget(s3),
          now: () => NOON,
        })
        return await uploader.upload(profile(n))
      }),
    )
    const refused = answers.filter(({ status }) => status === 'rejected')
    for (const answer of refused) {
      expect(answer).toMatchObject({ reason: { code: 'SEGMENTS_TARGET_UNSAFE' } })
    }
    // A Ceph that keeps conditions there too would refuse none.
    if (refused.length === 0) expect(await readDay(s3)).toHaveLength(4)
    else expect(refused).toHaveLength(4)
  })
})

/** Like older Ceph and DigitalOcean Spaces: a version in quotes matches nothing. */
function quotesRefused(client: S3Client): S3Client {
  const refusing = Object.create(client) as S3Client
  refusing.send = (async (command: { input: { IfMatch?: string } }, options: object) => {
    if (command.input.IfMatch?.startsWith('"') && command.constructor.name === 'PutObjectCommand') {
      throw Object.assign(new Error('refused'), {
        name: 'PreconditionFailed',
        $metadata: { httpStatusCode: 412 },
      })
    }
    return await client.send(command as never, options)
  }) as never
  return refusing
}
