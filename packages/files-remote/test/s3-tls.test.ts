import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { describeWithS3 } from '../../../scripts/vitest/servers.ts'
import { createS3StorageProvider } from '../src/s3/index.ts'
import { patterned } from '../src/testing/contract-kit.ts'
import { clientConfig, makeBucket } from './s3-harness.ts'
import { certificate, startTlsProxy } from './tls.ts'

const MIB = 1024 * 1024

describeWithS3('createS3StorageProvider over https', () => {
  let bucket: Awaited<ReturnType<typeof makeBucket>>
  let proxy: Awaited<ReturnType<typeof startTlsProxy>>
  let folder: string
  const data = Buffer.from(patterned(23 * MIB + 7))
  const server = () => {
    const found = inject('s3')
    if (!found) throw new Error('no S3 server')
    return found
  }
  const provider = (httpsAgent: object) =>
    createS3StorageProvider({
      bucket: bucket.name,
      partBytes: 5 * MIB,
      clientConfig: {
        ...clientConfig({ ...server(), endpoint: proxy.endpoint }),
        maxAttempts: 1,
        requestHandler: { httpsAgent },
      },
    })

  beforeAll(async () => {
    bucket = await makeBucket(server())
    proxy = await startTlsProxy(server().endpoint)
    folder = await mkdtemp(join(tmpdir(), 'mortise-tls-'))
    await writeFile(join(folder, 'source'), data)
  })
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]()
    await bucket.remove()
    await rm(folder, { recursive: true, force: true })
  })

  it('moves files both ways over few connections, with the certificates of the agent', async () => {
    const { put, download } = provider({ ca: certificate.ca })
    await put({ key: 'large', body: { path: join(folder, 'source') } })
    await put({ key: 'large', body: { path: join(folder, 'source') } })
    expect(proxy.connections()).toBeLessThanOrEqual(5)
    await download?.({ key: 'large', path: join(folder, 'target') })
    expect(data.equals(await readFile(join(folder, 'target')))).toBe(true)
    expect(proxy.connections()).toBeLessThanOrEqual(9)
  })

  it('sends nothing to a server whose certificate it does not trust', async () => {
    const { put, download } = provider({})
    const failed = { kind: 'transient', code: 'FILES_REMOTE_NETWORK' }
    const body = { path: join(folder, 'source') }
    await expect(put({ key: 'large', body })).rejects.toMatchObject(failed)
    const call = download?.({ key: 'large', path: join(folder, 'other') })
    await expect(call).rejects.toMatchObject(failed)
  })
})
