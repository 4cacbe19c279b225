import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ListMultipartUploadsCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { RateLimitError } from '@mortise/errors'
import { afterAll, beforeAll, beforeEach, expect, inject, it, vi } from 'vitest'
import { describeWithS3 } from '../../../scripts/vitest/servers.ts'
import { downloadObject, type StorageProvider } from '../src/index.ts'
import {
  createS3StorageProvider,
  removeLeftoverUploads,
  type S3StorageProviderOptions,
} from '../src/s3/index.ts'
import { bytes, patterned, readAll, readText } from '../src/testing/contract-kit.ts'
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts'
import { clientConfig, makeBucket } from './s3-harness.ts'

vi.setConfig({ testTimeout: 30_000 })

const MIB = 1024 * 1024

describeWithS3('faults between createS3StorageProvider and the server', () => {
  let bucket: Awaited<ReturnType<typeof makeBucket>>
  let proxy: FaultProxy
  let folder: string
  const data = Buffer.from(patterned(17 * MIB))
  const server = () => {
    const found = inject('s3')
    if (!found) throw new Error('no S3 server')
    return found
  }
  const provider = (options: Partial<S3StorageProviderOptions> = {}) =>
    createS3StorageProvider({
      bucket: bucket.name,
      partBytes: 5 * MIB,
      ...options,
      clientConfig: {
        ...clientConfig({ ...server(), endpoint: proxy.endpoint }),
        ...options.clientConfig,
      },
    })
  const download = (path: string, options = {}) => {
    const { download: fetchFile } = provider(options)
    if (!fetchFile) throw new Error('no download')
    return fetchFile({ key: 'large', path })
  }
  const uploads = async () =>
    (await bucket.client.send(new ListMultipartUploadsCommand({ Bucket: bucket.name }))).Uploads ??
    []
  const count = (words: string) => proxy.seen.filter((line) => line.includes(words)).length
  /** A fault for the first requests that match, so many times. */
  const first = (
    times: number,
    matches: (line: string) => boolean,
    fault: ReturnType<FaultProxy['fault']>,
  ) => {
    let left = times
    proxy.fault = ({ method, url }) =>
      matches(`${method} ${url}`) && left-- > 0 ? fault : undefined
  }

  beforeAll(async () => {
    bucket = await makeBucket(server())
    proxy = await startFaultProxy(server().endpoint)
    folder = await mkdtemp(join(tmpdir(), 'mortise-faults-'))
    await provider().put({ key: 'large', body: data })
  })
  beforeEach(() => {
    proxy.fault = () => undefined
    proxy.seen.length = 0
  })
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]()
    await bucket.remove()
    await rm(folder, { recursive: true, force: true })
  })

  it('a server that dies in the middle of an upload leaves no object, and the error is transient', async () => {
    proxy.fault = ({ method, url }) =>
      method === 'PUT' && url.includes('partNumber=2')
        ? { kind: 'cut-request', afterBytes: MIB }
        : undefined
    await expect(provider().put({ key: 'dying', body: data })).rejects.toMatchObject({
      kind: 'transient',
      code: 'FILES_REMOTE_NETWORK',
      outcome: 'unknown',
    })
    expect(await provider().stat({ key: 'dying' })).toBeNull()
    expect(await uploads()).toEqual([])
  })

  it('a server that is gone in the middle of an upload leaves parts, which can be removed when it is back', async () => {
    const dying = await startFaultProxy(server().endpoint)
    dying.fault = ({ url }) => {
      if (url.includes('partNumber=2')) void dying[Symbol.asyncDispose]()
      return undefined
    }
    const clientConfig = { endpoint: dying.endpoint, maxAttempts: 2 }
    const call = provider({ clientConfig }).put({ key: 'gone', body: data })
    await expect(call).rejects.toMatchObject({ code: 'FILES_REMOTE_NETWORK', outcome: 'unknown' })
    expect(await uploads()).toHaveLength(1)
    const { name, client } = bucket
    const options = { bucket: name, client, olderThanMs: 0 }
    expect(await removeLeftoverUploads(options)).toEqual({ removed: 1 })
    expect(await uploads()).toEqual([])
    expect(await provider().stat({ key: 'gone' })).toBeNull()
  })

  it('a server that is gone in the middle of a download leaves what stood there', async () => {
    const dying = await startFaultProxy(server().endpoint)
    dying.fault = ({ method }) =>
      method === 'GET' ? { kind: 'cut-answer', afterBytes: MIB } : undefined
    const path = join(folder, 'kept')
    await writeFile(path, 'old')
    const call = download(path, {
      clientConfig: { endpoint: dying.endpoint, maxAttempts: 2 },
      concurrency: 1,
    })
    setTimeout(() => void dying[Symbol.asyncDispose](), 100)
    await expect(call).rejects.toMatchObject({ kind: 'transient' })
    expect(await readdir(folder)).toEqual(['kept'])
    expect(String(await readFile(path))).toBe('old')
    await rm(path)
  })

  it('a connection that breaks once in a part is not noticed', async () => {
    first(1, (line) => line.includes('partNumber=2'), { kind: 'cut-request', afterBytes: MIB })
    await provider().put({ key: 'broken-once', body: data })
    expect(count('partNumber=2')).toBe(2)
    expect(data.equals(await readAll((await provider().get({ key: 'broken-once' })).body))).toBe(
      true,
    )
  })

  it.each([
    ['over its own connections', {}],
    [
      'through the SDK',
      { concurrency: 1, clientConfig: { requestHandler: { requestTimeout: 20_000 } } },
    ],
  ])('a download %s goes on where connections break', async (_, options) => {
    first(4, (line) => line.startsWith('GET'), { kind: 'cut-answer', afterBytes: 2 * MIB })
    const path = join(folder, 'resumed')
    expect(await download(path, options)).toMatchObject({ verified: true })
    expect(data.equals(await readFile(path))).toBe(true)
    await rm(path)
  })

  it('a server that dies for good in the middle of a download leaves no file', async () => {
    proxy.fault = ({ method }) =>
      method === 'GET' ? { kind: 'cut-answer', afterBytes: 0 } : undefined
    await expect(download(join(folder, 'never'))).rejects.toMatchObject({ kind: 'transient' })
    expect(await readdir(folder)).toEqual([])
  })

  it('a body of get that breaks off rejects instead of ending', async () => {
    first(1, (line) => line.startsWith('GET'), { kind: 'cut-answer', afterBytes: MIB })
    const { body } = await provider().get({ key: 'large' })
    await expect(readAll(body)).rejects.toMatchObject({ kind: 'transient' })
  })

  it('a storm of 503 SlowDown is waited out', async () => {
    first(3, () => true, { kind: 'answer', status: 503, code: 'SlowDown' })
    await provider().put({ key: 'storm', body: bytes('x') })
    expect(count('PUT')).toBe(4)
  })

  it('a storm of 503 SlowDown that does not end is a RateLimitError', async () => {
    proxy.fault = () => ({ kind: 'answer', status: 503, code: 'SlowDown' })
    const call = provider({ clientConfig: { maxAttempts: 2 } }).put({
      key: 'storm',
      body: bytes('x'),
    })
    await expect(call).rejects.toBeInstanceOf(RateLimitError)
  })

  it('one flipped bit on the way up is refused by the storage', async () => {
    for (const [body, line] of [
      [bytes('small'), 'PUT'],
      [data, 'partNumber=2'],
    ] as const) {
      first(1, (seen) => seen.includes(line), { kind: 'flip-request', atByte: 3 })
      await expect(provider().put({ key: 'flipped', body })).rejects.toMatchObject({
        kind: 'transient',
        code: 'FILES_REMOTE_CHECKSUM_MISMATCH',
      })
      expect(await provider().stat({ key: 'flipped' })).toBeNull()
    }
    expect(await uploads()).toEqual([])
  })

  it.each([
    ['over its own connections', {}],
    ['through the SDK', { clientConfig: { requestHandler: { requestTimeout: 20_000 } } }],
  ])('one flipped bit on the way down %s leaves no file', async (_, options) => {
    first(1, (line) => line.startsWith('GET'), { kind: 'flip-answer', atByte: 3 * MIB })
    await expect(download(join(folder, 'flipped'), options)).rejects.toMatchObject({
      kind: 'transient',
      code: 'FILES_REMOTE_CHECKSUM_MISMATCH',
    })
    expect(await readdir(folder)).toEqual([])
  })

  it('one flipped bit in the body of get rejects before its end', async () => {
    first(1, (line) => line.startsWith('GET'), { kind: 'flip-answer', atByte: 16 * MIB })
    const { body } = await provider().get({ key: 'large' })
    await expect(readAll(body)).rejects.toMatchObject({ code: 'FILES_REMOTE_CHECKSUM_MISMATCH' })
  })

  it('a conditional put whose answer is lost has happened once, and says so', async () => {
    first(1, (line) => line.startsWith('PUT'), { kind: 'lose-answer' })
    const { etag } = await provider().put({ key: 'lost', body: bytes('mine'), ifNoneMatch: '*' })
    expect(count('PUT')).toBe(2)
    const stat = await provider().stat({ key: 'lost' })
    expect(stat).toMatchObject({ etag, metadata: {} })
    first(1, (line) => line.startsWith('PUT'), { kind: 'lose-answer' })
    await provider().put({ key: 'lost', body: bytes('mine again'), ifMatch: etag })
    expect(await readText(provider(), 'lost')).toBe('mine again')
  })

  it('a conditional put whose answers are all lost still knows that it has happened', async () => {
    proxy.fault = ({ method }) => (method === 'PUT' ? { kind: 'lose-answer' } : undefined)
    await provider().put({ key: 'all-lost', body: bytes('mine'), ifNoneMatch: '*' })
    expect(await readText(provider(), 'all-lost')).toBe('mine')
  })

  it('an upload in parts whose completion is lost has happened once, and says so', async () => {
    first(1, (line) => /^POST .*uploadId=/.test(line), { kind: 'lose-answer' })
    const { etag } = await provider().put({ key: 'lost-parts', body: data })
    expect((await provider().stat({ key: 'lost-parts' }))?.etag).toBe(etag)
  })

  it('a loser is told so although the answer to its own try was lost', async () => {
    await provider().put({ key: 'taken', body: bytes('theirs') })
    first(1, (line) => line.startsWith('PUT'), { kind: 'lose-answer' })
    await expect(
      provider().put({ key: 'taken', body: bytes('mine'), ifNoneMatch: '*' }),
    ).rejects.toMatchObject({
      code: 'FILES_REMOTE_PRECONDITION_FAILED',
    })
  })

  it('a server that stands still is left after idleTimeoutMs', async () => {
    proxy.fault = () => ({ kind: 'stall' })
    const call = provider({ idleTimeoutMs: 200, clientConfig: { maxAttempts: 1 } }).stat({
      key: 'large',
    })
    await expect(call).rejects.toMatchObject({ kind: 'transient', code: 'FILES_REMOTE_TIMEOUT' })
  })

  it('a download that stands still on one connection goes on over another', async () => {
    first(1, (line) => line.startsWith('GET'), { kind: 'stall' })
    await download(join(folder, 'stalled'), { idleTimeoutMs: 500 })
    expect(data.equals(await readFile(join(folder, 'stalled')))).toBe(true)
    await rm(join(folder, 'stalled'))
  })

  it('a clock that is two hours wrong is corrected', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 7_200_000 })
    try {
      const wrong = provider()
      expect(await wrong.stat({ key: 'large' })).toMatchObject({ sizeBytes: data.length })
      await wrong.put({ key: 'clock', body: bytes('x') })
      const { url } = await wrong.signUrl({ method: 'GET', key: 'clock' })
      expect(await (await fetch(url)).text()).toBe('x')
    } finally {
      vi.useRealTimers()
    }
  })

  it.each<[string, (files: StorageProvider, path: string) => Promise<unknown>]>([
    ['an upload', (files, path) => files.put({ key: 'expired', body: { path } })],
    ['a download', (files, path) => downloadObject(files, { key: 'large', path: `${path}.copy` })],
  ])(
    'credentials that expire in the middle of %s are an AuthError, without the secret',
    async (_, transfer) => {
      const path = join(folder, 'source')
      await writeFile(path, data)
      let calls = 0
      const { accessKeyId, secretAccessKey } = server()
      const credentials = async () => {
        calls += 1
        const good = calls <= 2
        return {
          accessKeyId: good ? accessKeyId : 'EXPIRED',
          secretAccessKey,
          expiration: new Date(Date.now() + 1000),
        }
      }
      const files = provider({ concurrency: 1, clientConfig: { credentials } })
      const error = await transfer(files, path).catch((reason: unknown) => reason)
      expect(error).toMatchObject({ kind: 'auth', code: 'FILES_REMOTE_CREDENTIAL_INVALID' })
      expect(JSON.stringify(error)).not.toContain(secretAccessKey)
      expect(await provider().stat({ key: 'expired' })).toBeNull()
      expect(await readdir(folder)).toEqual(['source'])
      await rm(path)
    },
  )

  it.each([
    [301, 'PermanentRedirect', 'permanent', 'FILES_REMOTE_REGION_WRONG'],
    [400, 'AuthorizationHeaderMalformed', 'permanent', 'FILES_REMOTE_REGION_WRONG'],
    [403, 'AccessDenied', 'auth', 'FILES_REMOTE_PERMISSION_DENIED'],
    [403, 'ExpiredToken', 'auth', 'FILES_REMOTE_CREDENTIAL_INVALID'],
    [404, 'NoSuchBucket', 'permanent', 'FILES_REMOTE_BUCKET_NOT_FOUND'],
    [409, 'ConditionalRequestConflict', 'permanent', 'FILES_REMOTE_PRECONDITION_FAILED'],
    [500, 'InternalError', 'transient', 'FILES_REMOTE_UNAVAILABLE'],
    [507, 'InsufficientCapacity', 'transient', 'FILES_REMOTE_DISK_FULL'],
    [400, 'SomethingNew', 'permanent', 'FILES_REMOTE_REJECTED'],
  ])('an answer of %i %s is %s %s', async (status, code, kind, expected) => {
    proxy.fault = () => ({ kind: 'answer', status, code })
    const call = provider({ clientConfig: { maxAttempts: 1 } }).put({
      key: 'refused',
      body: bytes('x'),
    })
    await expect(call).rejects.toMatchObject({ kind, code: expected, status })
  })

  it.each([
    ['an unknown key', { accessKeyId: 'nobody', secretAccessKey: 'hush-hush' }],
    ['a wrong secret', { accessKeyId: 'test', secretAccessKey: 'hush-hush' }],
  ])(
    '%s is an AuthError of every call, also where the answer has no body',
    async (_, credentials) => {
      const stranger = provider({ clientConfig: { credentials, maxAttempts: 1 } })
      for (const call of [
        () => stranger.stat({ key: 'large' }),
        () => stranger.get({ key: 'large' }),
        () => stranger.put({ key: 'large', body: bytes('x') }),
        () => stranger.delete({ key: 'large' }),
        () => stranger.copy({ sourceKey: 'large', key: 'copy' }),
      ]) {
        const error = await call().catch((reason: unknown) => reason)
        expect(error).toMatchObject({ kind: 'auth', code: 'FILES_REMOTE_CREDENTIAL_INVALID' })
        expect(JSON.stringify(error)).not.toContain('hush-hush')
      }
    },
  )

  it('a refusal says what was refused', async () => {
    const owner = bucket.client
    const nobody = provider({ clientConfig: { signer: { sign: async (request) => request } } })
    await owner.send(new PutObjectCommand({ Bucket: bucket.name, Key: 'private', Body: 'x' }))
    for (const [operation, call] of [
      ['GetObject', () => nobody.stat({ key: 'private' })],
      ['GetObject', () => nobody.get({ key: 'private' })],
      ['PutObject', () => nobody.put({ key: 'private', body: bytes('y') })],
    ] as const) {
      const { kind, code, message } = await call().catch((reason) => reason)
      expect([kind, code]).toEqual(['auth', 'FILES_REMOTE_PERMISSION_DENIED'])
      expect(message).toBe(
        `Access denied: the credentials may not do this. Grant them the permission. (${operation}, key "private", bucket "${bucket.name}", 403 AccessDenied)`,
      )
    }
  })

  it('a refusal without a body says so too', async () => {
    proxy.fault = () => ({ kind: 'answer', status: 403, code: '' })
    const call = provider({ clientConfig: { maxAttempts: 1 } }).stat({ key: 'large' })
    await expect(call).rejects.toMatchObject({
      code: 'FILES_REMOTE_PERMISSION_DENIED',
      message: expect.stringContaining(`(HeadObject, key "large", bucket "${bucket.name}", 403)`),
    })
  })

  it('a missing bucket is not a missing file', async () => {
    const nowhere = provider({ bucket: 'no-such-bucket-of-mortise' })
    await expect(nowhere.put({ key: 'a', body: bytes('x') })).rejects.toMatchObject({
      code: 'FILES_REMOTE_BUCKET_NOT_FOUND',
    })
    await expect(nowhere.stat({ key: 'a' })).rejects.toMatchObject({
      code: 'FILES_REMOTE_BUCKET_NOT_FOUND',
    })
  })

  it('nothing listens at the endpoint', async () => {
    const call = provider({
      clientConfig: { endpoint: 'http://127.0.0.1:1', maxAttempts: 1 },
    }).stat({ key: 'a' })
    await expect(call).rejects.toMatchObject({ kind: 'transient', code: 'FILES_REMOTE_NETWORK' })
  })
})
