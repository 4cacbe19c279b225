import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, inject, it, vi } from 'vitest'
import { describeWithS3 } from '../../../scripts/vitest/servers.ts'
import { createS3StorageProvider } from '../src/s3/index.ts'
import { patterned, readAll } from '../src/testing/contract-kit.ts'
import { type Fault, type FaultProxy, startFaultProxy } from './fault-proxy.ts'
import { clientConfig, makeBucket } from './s3-harness.ts'

vi.setConfig({ testTimeout: 20_000 })

const MIB = 1024 * 1024
describeWithS3('checksums behind the bytes of a part', () => {
  let bucket: Awaited<ReturnType<typeof makeBucket>>
  let proxy: FaultProxy
  let folder: string
  /** How the checksums of the parts travelled: in a trailer, in a header, or in the hash of the signature alone. */
  let forms: string[]
  const data = Buffer.from(patterned(17 * MIB + 7))
  const body = () => ({ path: join(folder, 'large') })

  const provider = (options = {}) => {
    const server = inject('s3')
    if (!server) throw new Error('no S3 server')
    const config = { ...clientConfig({ ...server, endpoint: proxy.endpoint }), maxAttempts: 1 }
    return createS3StorageProvider({
      bucket: bucket.name,
      partBytes: 5 * MIB,
      clientConfig: { ...config, ...options },
    })
  }
  const onTrailers = (fault: Fault | undefined) => {
    proxy.fault = ({ url, headers }) => {
      if (!url.includes('partNumber')) return undefined
      const trailer = headers['x-amz-trailer'] !== undefined
      forms.push(trailer ? 'trailer' : 'header')
      return trailer ? fault : undefined
    }
  }
  const isStored = async (key: string) =>
    data.equals(await readAll((await provider().get({ key })).body))

  beforeAll(async () => {
    const server = inject('s3')
    if (!server) throw new Error('no S3 server')
    bucket = await makeBucket(server)
    proxy = await startFaultProxy(server.endpoint)
    folder = await mkdtemp(join(tmpdir(), 'mortise-trailer-'))
    await writeFile(join(folder, 'large'), data)
  })
  beforeEach(() => {
    forms = []
    onTrailers(undefined)
  })
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]()
    await bucket.remove()
    await rm(folder, { recursive: true, force: true })
  })

  it('come from one part first, and from all once the server has answered with it', async () => {
    const same = provider()
    await same.put({ key: 'first', body: body() })
    expect(forms.filter((form) => form === 'trailer')).toHaveLength(1)
    forms = []
    await same.put({ key: 'second', body: body() })
    expect(forms).toEqual(['trailer', 'trailer', 'trailer', 'trailer'])
    expect([await isStored('first'), await isStored('second')]).toEqual([true, true])
  })

  it('find one flipped bit', async () => {
    const same = provider()
    await same.put({ key: 'good', body: body() })
    onTrailers({ kind: 'flip-request', atByte: MIB })
    await expect(same.put({ key: 'flipped', body: body() })).rejects.toMatchObject({
      kind: 'transient',
      code: 'FILES_REMOTE_CHECKSUM_MISMATCH',
    })
    expect(await provider().stat({ key: 'flipped' })).toBeNull()
  })

  it.each<[string, Fault]>([
    ['wants a length', { kind: 'answer', status: 411, code: 'MissingContentLength' }],
    ['takes them for a hash', { kind: 'answer', status: 400, code: 'XAmzContentSHA256Mismatch' }],
    ['takes them for a wrong checksum', { kind: 'answer', status: 400, code: 'BadDigest' }],
    ['waits for other bytes', { kind: 'answer', status: 400, code: 'IncompleteBody' }],
    ['fails over them', { kind: 'answer', status: 500, code: 'InternalError' }],
    ['does not know them', { kind: 'answer', status: 501, code: 'NotImplemented' }],
    [
      'takes them for a wrong signature',
      { kind: 'answer', status: 403, code: 'SignatureDoesNotMatch' },
    ],
    ['may have stored the frames', { kind: 'drop-header', name: 'x-amz-checksum-crc32' }],
  ])('stand before them for a server that %s', async (name, fault) => {
    const same = provider()
    onTrailers(fault)
    await same.put({ key: name, body: body() })
    expect(forms.filter((form) => form === 'trailer')).toHaveLength(1)
    forms = []
    await same.put({ key: name, body: body() })
    expect(forms).toEqual(['header', 'header', 'header', 'header'])
    expect(await isStored(name)).toBe(true)
  })

  it('are asked about again after a failure that says nothing of them', async () => {
    const same = provider()
    onTrailers({ kind: 'answer', status: 503, code: 'SlowDown' })
    await expect(same.put({ key: 'busy', body: body() })).rejects.toMatchObject({
      code: 'FILES_REMOTE_RATE_LIMITED',
    })
    onTrailers(undefined)
    forms = []
    await same.put({ key: 'busy', body: body() })
    expect(forms).toContain('trailer')
  })

  it('stand before them, in a signature, where nothing else protects the bytes', async () => {
    // An address that nobody takes for loopback.
    const endpoint = proxy.endpoint.replace('127.0.0.1', '[::ffff:127.0.0.1]')
    await provider({ endpoint }).put({ key: 'plain', body: body() })
    expect(forms).toEqual(['header', 'header', 'header', 'header'])
    expect(await isStored('plain')).toBe(true)
  })
})
