import { createHash } from 'node:crypto'
import { HeadObjectCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { describeWithS3 } from '../../../scripts/vitest/servers.ts'
import type { GetRequest, StorageProvider } from '../src/index.ts'
import { createS3StorageProvider } from '../src/s3/index.ts'
import { modelOf } from '../src/s3/s3-request-model.ts'
import { readAll, readText } from '../src/testing/contract-kit.ts'
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts'
import { clientConfig, makeBucket, type S3Server } from './s3-harness.ts'

vi.setConfig({ testTimeout: 20_000 })

const server = inject('s3') as S3Server
const SILENT = { trace() {}, debug() {}, info() {}, warn() {}, error() {} }

/** It answers as the SDK's does, and does not tell its agents. */
function handlerOfYours(): S3Client['config']['requestHandler'] {
  const { requestHandler } = new S3Client(clientConfig(server)).config
  return { handle: (request, options) => requestHandler.handle(request, options) }
}

interface Theirs {
  readonly client?: () => S3Client
  readonly config?: () => S3ClientConfig
}

describeWithS3('small requests of createS3StorageProvider', () => {
  let bucket: Awaited<ReturnType<typeof makeBucket>>
  let proxy: FaultProxy
  /** Who sent each request: the SDK, which numbers its tries, or we. */
  let senders: string[] = []
  const body = Buffer.from('a small body')

  const watch = (fault: FaultProxy['fault'] = () => undefined, watched = 'PUT') => {
    senders = []
    proxy.fault = (request) => {
      const { method, headers } = request
      if (method === watched) senders.push('amz-sdk-request' in headers ? 'SDK' : 'we')
      return fault(request)
    }
  }
  const serverConfig = () => ({ ...clientConfig(server), endpoint: proxy.endpoint })
  const provider = (config: S3ClientConfig = {}, more = {}) =>
    createS3StorageProvider({
      bucket: bucket.name,
      clientConfig: { ...serverConfig(), ...config },
      ...more,
    })
  /** A provider that has learnt from one put. */
  const experienced = async (config?: S3ClientConfig) => {
    const files = provider(config)
    await files.put({ key: 'first', body })
    return files
  }

  beforeAll(async () => {
    bucket = await makeBucket(server)
    proxy = await startFaultProxy(server.endpoint)
    watch()
  })
  afterEach(() => watch())
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]()
    await bucket.remove()
  })

  it('put like the first one, past the SDK, what is stored like it', async () => {
    watch()
    const files = provider()
    const keys = ['first', 'a b/ü/(1)!*\'&=+$@,:;~"<>', 'empty']
    for (const key of keys) {
      const metadata = { origin: 'here', key: encodeURIComponent(key) }
      const bytes = key === 'empty' ? Buffer.alloc(0) : body
      const { etag } = await files.put({ key, body: bytes, mediaType: 'text/plain', metadata })
      const got = await files.get({ key })
      expect(got).toMatchObject({ etag, mediaType: 'text/plain', metadata })
      expect(await readAll(got.body)).toEqual(bytes)
    }
    expect(senders).toEqual(['SDK', 'we', 'we'])
    const [first, second] = await Promise.all(
      keys.map((Key) =>
        bucket.client.send(
          new HeadObjectCommand({ Bucket: bucket.name, Key, ChecksumMode: 'ENABLED' }),
        ),
      ),
    )
    expect(second?.ChecksumCRC32).toBe(first?.ChecksumCRC32)
  })

  it.each([
    ['the server asks to slow down', { kind: 'answer', status: 503, code: 'SlowDown' }],
    ['the server regrets its 200', { kind: 'answer', status: 200, code: 'InternalError' }],
    ['the credentials are refused', { kind: 'answer', status: 403, code: 'AccessDenied' }],
    ['a bit flips on the way', { kind: 'flip-request', atByte: 3 }],
    ['the connection breaks', { kind: 'cut-request', afterBytes: 1 }],
    ['the answer is lost', { kind: 'lose-answer' }],
  ] as const)('go through the SDK when %s, until a put has succeeded', async (_, fault) => {
    const files = await experienced()
    watch(() => (senders.length === 1 ? fault : undefined))
    for (const key of ['troubled', 'after', 'later']) await files.put({ key, body })
    expect(senders).toEqual(['we', 'SDK', 'we', 'we'])
    expect(await readAll((await files.get({ key: 'troubled' })).body)).toEqual(body)
  })

  it.each([
    ['the server asks to slow down', { kind: 'answer', status: 503, code: 'SlowDown' }],
    ['the connection breaks', { kind: 'cut-answer', afterBytes: 0 }],
  ] as const)('go through the SDK when %s, until a get has succeeded', async (_, fault) => {
    const files = await experienced()
    watch(() => (senders.length === 1 ? fault : undefined), 'GET')
    for (let times = 0; times < 3; times += 1)
      expect(await readText(files, 'first')).toBe(body.toString())
    expect(senders).toEqual(['we', 'SDK', 'we', 'we'])
  })

  it('get what an own client gets, ranges included, and learn from a get, too', async () => {
    const theirs = provider({}, { client: bucket.client })
    const metadata = { origin: 'a b' }
    const { etag } = await theirs.put({ key: 'got', body, mediaType: 'text/plain', metadata })
    const files = provider()
    watch(undefined, 'GET')
    const whole = async (from: StorageProvider, request: Partial<GetRequest>) => {
      const got = await from.get({ key: 'got', ifMatch: etag, ...request })
      return { ...got, body: await readAll(got.body) }
    }
    for (const request of [{}, {}, { range: { start: 2, end: 6 } }, { range: { start: 8 } }])
      expect(await whole(files, request)).toEqual(await whole(theirs, request))
    expect(senders).toEqual(['SDK', 'we', 'we', 'we'])
  })

  it.each([
    ['FILES_REMOTE_OBJECT_NOT_FOUND', { key: 'absent' }],
    ['FILES_REMOTE_PRECONDITION_FAILED', { ifMatch: 'another' }],
    ['FILES_REMOTE_NOT_MODIFIED', { ifNoneMatch: createHash('md5').update(body).digest('hex') }],
    ['FILES_REMOTE_RANGE_INVALID', { range: { start: 1000 } }],
  ])('are told %s at the first asking', async (code, request) => {
    const files = await experienced()
    watch(undefined, 'GET')
    for (let times = 0; times < 2; times += 1) {
      await expect(files.get({ key: 'first', ...request })).rejects.toMatchObject({
        code,
        requestId: expect.stringMatching(/^tx/),
      })
    }
    expect(senders).toEqual(['we', 'we'])
  })

  it.each([2, 1])(
    'are sent %i times in a storm where the client is to try as often',
    async (maxAttempts) => {
      const files = await experienced({ maxAttempts })
      watch(() => ({ kind: 'answer', status: 503, code: 'SlowDown' }))
      await expect(files.put({ key: 'stormy', body })).rejects.toMatchObject({
        code: 'FILES_REMOTE_RATE_LIMITED',
        outcome: 'unknown',
        details: { s3Code: 'SlowDown', operation: 'PutObject' },
      })
      expect(senders).toEqual(['we', ...Array(maxAttempts - 1).fill('SDK')])
    },
  )

  it('are counted by the strategy of the client, which pays for its retries from successes', async () => {
    const seen: string[] = []
    const token = { getRetryCount: () => 0, getRetryDelay: () => 0, getRetryCost: () => 0 }
    const retryStrategy = {
      acquireInitialRetryToken: async () => {
        seen.push('asked')
        return token
      },
      refreshRetryTokenForRetry: () => Promise.reject(new Error('No.')),
      recordSuccess: () => void seen.push('told'),
    }
    const files = await experienced({ retryStrategy })
    watch()
    await files.put({ key: 'counted', body })
    expect(senders).toEqual(['we'])
    expect(seen).toEqual(['asked', 'told', 'asked', 'told'])
  })

  it('take every success for one', async () => {
    const files = await experienced()
    watch(() => ({ kind: 'answer', status: 204, code: '', headers: { etag: '"e"' } }))
    await expect(files.put({ key: 'created', body })).resolves.toMatchObject({ etag: 'e' })
    expect(senders).toEqual(['we'])
  })

  it('fail as the SDK says when it fails, too', async () => {
    const files = await experienced()
    watch(() => ({ kind: 'answer', status: 403, code: 'AccessDenied' }))
    await expect(files.put({ key: 'refused', body })).rejects.toMatchObject({
      code: 'FILES_REMOTE_PERMISSION_DENIED',
      outcome: 'rejected',
    })
    expect(senders).toEqual(['we', 'SDK'])
  })

  it('can be aborted', async () => {
    const files = await experienced()
    const abort = new AbortController()
    watch(() => {
      abort.abort()
      return { kind: 'stall' }
    })
    await expect(files.put({ key: 'aborted', body, signal: abort.signal })).rejects.toMatchObject({
      code: 'FILES_REMOTE_ABORTED',
    })
  })

  it('are signed with their bytes where nothing else protects them', async () => {
    let hashes: unknown[] = []
    const { port } = new URL(proxy.endpoint)
    const files = await experienced({ endpoint: `http://0.0.0.0:${port}` })
    watch(({ headers }) => {
      hashes.push(headers['x-amz-content-sha256'])
      return undefined
    })
    hashes = []
    await files.put({ key: 'hashed', body })
    expect(senders).toEqual(['we'])
    expect(hashes).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)])
  })

  it.each<[string, (files: ReturnType<typeof provider>) => Promise<unknown>]>([
    [
      'conditional ones',
      (files) => files.put({ key: `new-${Math.random()}`, body, ifNoneMatch: '*' }),
    ],
    ['large ones', (files) => files.put({ key: 'large', body: Buffer.alloc(1024 * 1024 + 1) })],
  ])('leave %s to the SDK among puts', async (_, put) => {
    const files = await experienced()
    watch()
    await put(files)
    expect(senders).toEqual(['SDK'])
  })

  it.each([
    ['a client of yours', { client: () => new S3Client(serverConfig()) }],
    ['a handler of yours', { config: () => ({ requestHandler: handlerOfYours() }) }],
    ['a client whose logger waits for them', { config: () => ({ logger: SILENT }) }],
    [
      'an endpoint that is asked for each',
      { config: () => ({ endpoint: async () => ({ url: new URL(proxy.endpoint) }) }) },
    ],
  ])('are left to %s', async (_, { client, config }: Theirs) => {
    const files = provider(config?.(), client && { client: client() })
    watch()
    for (const key of ['first', 'second']) await files.put({ key, body })
    expect(senders).toEqual(['SDK', 'SDK'])
  })
})

describe('modelOf', () => {
  const sent = (authorization: string, path = '/reports/a%20b') => ({
    method: 'PUT',
    protocol: 'https:',
    hostname: 's3.eu-west-1.amazonaws.com',
    path,
    query: {},
    headers: { host: 's3.eu-west-1.amazonaws.com', authorization, 'x-amz-meta-a': '1' },
  })
  const scope = (service: string) =>
    `AWS4-HMAC-SHA256 Credential=AKIA/20261122/eu-west-1/${service}/aws4_request, SignedHeaders=host, Signature=0`

  it('keeps what all puts have in common', () => {
    expect(modelOf(sent(scope('s3')), 'a b')).toEqual({
      protocol: 'https:',
      hostname: 's3.eu-west-1.amazonaws.com',
      port: undefined,
      folder: '/reports/',
      headers: { host: 's3.eu-west-1.amazonaws.com' },
      signingRegion: 'eu-west-1',
    })
  })

  it.each([
    ['sessions of S3 Express', scope('s3express')],
    ['signatures for several regions', scope('s3').replace('HMAC', 'ECDSA-P256')],
    ['no signature', ''],
  ])('is nothing for %s', (_, authorization) => {
    expect(modelOf(sent(authorization), 'a b')).toBeUndefined()
  })

  it('is nothing where the key stands elsewhere', () => {
    expect(modelOf(sent(scope('s3'), '/reports/other'), 'a b')).toBeUndefined()
  })

  it.each([
    ['the trace by which Lambda finds its own loops', 'X-Amzn-Trace-Id'],
    ['what an endpoint of yours adds', 'x-gateway-key'],
  ])('is nothing where a header is %s', (_, header) => {
    const request = sent(scope('s3'))
    expect(
      modelOf({ ...request, headers: { ...request.headers, [header]: '1' } }, 'a b'),
    ).toBeUndefined()
  })

  it('is nothing where the address asks for something of its own', () => {
    const request = { ...sent(scope('s3')), query: { 'x-id': 'PutObject', tenant: '7' } }
    expect(modelOf(request, 'a b')).toBeUndefined()
  })
})
