import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest'
import { describeWithS3 } from '../../../scripts/vitest/servers.ts'
import { createS3StorageProvider } from '../src/s3/index.ts'
import { patterned } from '../src/testing/contract-kit.ts'
import { clientConfig, makeBucket } from './s3-harness.ts'

vi.setConfig({ testTimeout: 20_000 })

interface Choice {
  given?: boolean
  concurrency?: number
  checksums?: 'none'
}

const MIB = 1024 * 1024

describeWithS3('download of createS3StorageProvider', () => {
  let bucket: Awaited<ReturnType<typeof makeBucket>>
  let folder: string
  const data = Buffer.from(patterned(23 * MIB + 7))

  const provider = (options = {}) => {
    const server = inject('s3')
    if (!server) throw new Error('no S3 server')
    return createS3StorageProvider({
      bucket: bucket.name,
      clientConfig: clientConfig(server),
      partBytes: 5 * MIB,
      ...options,
    })
  }

  beforeAll(async () => {
    const server = inject('s3')
    if (!server) throw new Error('no S3 server')
    bucket = await makeBucket(server)
    folder = await mkdtemp(join(tmpdir(), 'mortise-download-'))
    await provider().put({ key: 'large', body: data })
  })
  afterAll(async () => {
    await bucket.remove()
    await rm(folder, { recursive: true, force: true })
  })

  it.each<[string, Choice]>([
    ['over a connection of its own', {}],
    ['through a client that was given', { given: true }],
    ['with one worker', { concurrency: 1 }],
    ['without checksums', { checksums: 'none' as const }],
  ])('gives the bytes in place %s', async (_, { given, ...options }: Choice) => {
    const path = join(folder, 'large.bin')
    const seen: number[] = []
    const { download } = provider(given ? { client: bucket.client, ...options } : options)
    const result = await download?.({
      key: 'large',
      path,
      onProgress: ({ transferredBytes, totalBytes }) => {
        expect(totalBytes).toBe(data.length)
        seen.push(transferredBytes)
      },
    })
    expect(result).toMatchObject({ sizeBytes: data.length, verified: !('checksums' in options) })
    expect(data.equals(await readFile(path))).toBe(true)
    expect(seen.at(-1)).toBe(data.length)
    expect(await readdir(folder)).toEqual(['large.bin'])
  })

  it('gives an empty object as an empty file', async () => {
    await provider().put({ key: 'empty', body: new Uint8Array() })
    const path = join(folder, 'empty.bin')
    await provider().download?.({ key: 'empty', path })
    expect(await readFile(path, 'utf8')).toBe('')
    await rm(path)
  })

  it('an abort in the middle leaves what stood there, and no temporary file', async () => {
    const path = join(folder, 'large.bin')
    await writeFile(path, 'before')
    const stop = new AbortController()
    const call = provider().download?.({
      key: 'large',
      path,
      signal: stop.signal,
      onProgress: () => stop.abort(),
    })
    await expect(call).rejects.toMatchObject({ code: 'FILES_REMOTE_ABORTED' })
    expect(await readFile(path, 'utf8')).toBe('before')
    expect(await readdir(folder)).toEqual(['large.bin'])
  })
})
