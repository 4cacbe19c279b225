import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest'
import { describeWithS3 } from '../../../scripts/vitest/servers.ts'
import { createS3StorageProvider } from '../src/s3/index.ts'
import { openParts } from '../src/s3/s3-parts.ts'
import { chunked, patterned, readAll } from '../src/testing/contract-kit.ts'
import { startFaultProxy } from './fault-proxy.ts'
import { clientConfig, makeBucket, type S3Server } from './s3-harness.ts'

vi.setConfig({ testTimeout: 20_000 })

const MIB = 1024 * 1024

describeWithS3('uploads in parts of createS3StorageProvider', () => {
  let bucket: Awaited<ReturnType<typeof makeBucket>>
  let folder: string
  const server = inject('s3') as S3Server
  const data = Buffer.from(patterned(17 * MIB + 7))

  const provider = (options = {}) =>
    createS3StorageProvider({
      bucket: bucket.name,
      client: bucket.client,
      partBytes: 5 * MIB,
      ...options,
    })
  const leftovers = async () =>
    (await bucket.client.send(new ListMultipartUploadsCommand({ Bucket: bucket.name }))).Uploads ??
    []

  beforeAll(async () => {
    bucket = await makeBucket(server)
    folder = await mkdtemp(join(tmpdir(), 'mortise-upload-'))
    await writeFile(join(folder, 'large'), data)
  })
  afterAll(async () => {
    await bucket.remove()
    await rm(folder, { recursive: true, force: true })
  })

  it.each([
    ['a file', () => ({ path: join(folder, 'large') })],
    ['bytes', () => data],
    ['a stream of unknown length', () => chunked(data, 77_777)],
  ])('stores %s', async (name, body) => {
    const metadata = { origin: 'here' }
    const result = await provider().put({
      key: name,
      body: body(),
      mediaType: 'image/png',
      metadata,
    })
    expect(result).toMatchObject({ key: name, sizeBytes: data.length })
    const got = await provider().get({ key: name })
    expect(got).toMatchObject({ etag: result.etag, mediaType: 'image/png', metadata })
    expect(data.equals(await readAll(got.body))).toBe(true)
  })

  it('stores a file of exactly one part and of exactly two', async () => {
    for (const parts of [1, 2]) {
      const exact = data.subarray(0, parts * 5 * MIB)
      await writeFile(join(folder, 'exact'), exact)
      const { sizeBytes } = await provider().put({
        key: 'exact',
        body: { path: join(folder, 'exact') },
      })
      expect(sizeBytes).toBe(exact.length)
      expect(exact.equals(await readAll((await provider().get({ key: 'exact' })).body))).toBe(true)
    }
  })

  it('completes under a condition, and leaves neither parts nor object when it does not hold', async () => {
    const first = await provider().put({ key: 'conditional', body: data, ifNoneMatch: '*' })
    const again = provider().put({ key: 'conditional', body: data, ifNoneMatch: '*' })
    await expect(again).rejects.toMatchObject({ code: 'FILES_REMOTE_PRECONDITION_FAILED' })
    await provider().put({ key: 'conditional', body: chunked(data, MIB), ifMatch: first.etag })
    expect(await leftovers()).toEqual([])
  })

  it.each([
    ['within the call', 200],
    ['behind a call that does not wait so long', 1300],
  ])('an abort while an upload is begun removes it %s', async (_, delayMs) => {
    await using proxy = await startFaultProxy(server.endpoint)
    const config = { ...clientConfig(server), endpoint: proxy.endpoint, maxAttempts: 1 }
    const stop = new AbortController()
    proxy.fault = ({ url }) => {
      if (!url.includes('uploads')) return undefined
      setTimeout(() => stop.abort(), 100)
      return { kind: 'delay-answer', delayMs }
    }
    const call = provider({ client: undefined, clientConfig: config }).put({
      key: 'begun',
      body: data,
      signal: stop.signal,
    })
    await expect(call).rejects.toMatchObject({ code: 'FILES_REMOTE_ABORTED' })
    if (delayMs < 1000) expect(await leftovers()).toEqual([])
    else await vi.waitFor(async () => expect(await leftovers()).toEqual([]))
    expect(proxy.seen).toEqual([
      expect.stringMatching(/^POST .*uploads/),
      expect.stringMatching(/^DELETE .*uploadId/),
    ])
  })

  it('an abort in the middle removes the parts', async () => {
    const stop = new AbortController()
    const body = async function* () {
      for (const chunk of [data.subarray(0, 6 * MIB), data.subarray(6 * MIB, 12 * MIB), data]) {
        yield chunk
        if (chunk === data) stop.abort()
      }
    }
    const call = provider().put({ key: 'aborted', body: body(), signal: stop.signal })
    await expect(call).rejects.toMatchObject({ code: 'FILES_REMOTE_ABORTED' })
    expect(await provider().stat({ key: 'aborted' })).toBeNull()
    expect(await leftovers()).toEqual([])
  })

  it('a body that fails in the middle removes the parts', async () => {
    const body = async function* () {
      yield data
      throw new Error('broken')
    }
    await expect(provider().put({ key: 'failing', body: body() })).rejects.toMatchObject({
      code: 'FILES_REMOTE_BODY_FAILED',
    })
    expect(await leftovers()).toEqual([])
  })

  it.each([5, 20])(
    'a file that has changed to %i MiB while it is read is refused',
    async (mebibytes) => {
      const path = join(folder, 'changing')
      await writeFile(path, data)
      await using source = await openParts({ path }, {}, 5 * MIB)
      const next = source.reader()
      expect(await (await next())?.body.crc32()).toBe(crc32(data.subarray(0, 5 * MIB)))
      await writeFile(path, Buffer.alloc(mebibytes * MIB))
      const readOn = async () => {
        for (let part = await next(); part; part = await next()) await part.body.crc32()
      }
      await expect(readOn()).rejects.toMatchObject({ code: 'FILES_REMOTE_SIZE_MISMATCH' })
    },
  )

  it('a file that has changed in its place while it is read is refused', async () => {
    const path = join(folder, 'changing')
    await writeFile(path, data)
    await using source = await openParts({ path }, {}, 5 * MIB)
    const next = source.reader()
    await (await next())?.body.crc32()
    await writeFile(path, Buffer.alloc(data.length))
    const readOn = async () => {
      for (let part = await next(); part; part = await next()) await part.body.crc32()
    }
    await expect(readOn()).rejects.toMatchObject({ code: 'FILES_REMOTE_LOCAL_FILE_FAILED' })
  })
})
