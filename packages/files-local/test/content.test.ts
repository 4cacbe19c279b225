import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import {
  brotliCompressSync,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { type DownloadOptions, downloadToFile } from '../src/index.ts'
import { loopback, pattern, serve } from './serve.ts'
import { temporaryFolder } from './temporary-folder.ts'

const body = Buffer.concat([pattern(200_000), Buffer.alloc(200_000, 'text ')])
const digest = (algorithm: string, data: Buffer): Buffer =>
  createHash(algorithm).update(data).digest()
const sha256 = digest('sha256', body).toString('hex')

/** Downloads once what a server sends with these headers. */
async function fetchOnce(
  sent: Buffer,
  headers: Record<string, string>,
  options: DownloadOptions = {},
): Promise<{ content: Buffer; result: Awaited<ReturnType<typeof downloadToFile>> }> {
  await using folder = await temporaryFolder()
  await using server = await serve((_request, response) => {
    response.writeHead(200, { 'content-length': sent.length, ...headers }).end(sent)
  })
  const path = folder.file('a')
  const result = await downloadToFile(server.url, path, { ...loopback, maxAttempts: 1, ...options })
  return { content: await readFile(path), result }
}

describe('content encodings', () => {
  it.each<[string, Buffer]>([
    ['gzip', gzipSync(body)],
    ['x-gzip', gzipSync(body)],
    ['GZIP', gzipSync(body)],
    ['deflate', deflateSync(body)],
    ['deflate', deflateRawSync(body)],
    ['br', brotliCompressSync(body)],
    ['zstd', zstdCompressSync(body)],
    ['gzip, br', brotliCompressSync(gzipSync(body))],
    ['identity', body],
  ])('%s is undone', async (encoding, sent) => {
    const { content, result } = await fetchOnce(sent, { 'content-encoding': encoding }, { sha256 })
    expect(content.equals(body)).toBe(true)
    expect(result).toMatchObject({ bytes: body.length, wireBytes: sent.length })
  })

  it('are kept as sent when decompress is false', async () => {
    const sent = gzipSync(body)
    const { content } = await fetchOnce(sent, { 'content-encoding': 'gzip' }, { decompress: false })
    expect(content.equals(sent)).toBe(true)
  })

  it('of an empty body are empty', async () => {
    const { content } = await fetchOnce(Buffer.alloc(0), { 'content-encoding': 'gzip' })
    expect(content.length).toBe(0)
  })

  it.each(['compress', 'gzip, gzip, gzip', '__proto__'])('%s is refused', async (encoding) => {
    await expect(fetchOnce(body, { 'content-encoding': encoding })).rejects.toMatchObject({
      kind: 'permanent',
      code: 'FILES_LOCAL_ENCODING_UNSUPPORTED',
    })
  })
})

describe('digests', () => {
  const mismatch = { code: 'FILES_LOCAL_DIGEST_MISMATCHED' }
  const sha = (data: Buffer): string => `sha-256=:${digest('sha256', data).toString('base64')}:`
  const sha512 = (data: Buffer): string => `sha-512=:${digest('sha512', data).toString('base64')}:`

  it.each<[string, Record<string, string>]>([
    ['Repr-Digest', { 'repr-digest': sha(body) }],
    ['Content-Digest', { 'content-digest': sha512(body) }],
    ['Content-MD5', { 'content-md5': digest('md5', body).toString('base64') }],
    ['an unknown and a known algorithm', { 'repr-digest': `md5=:AAAA:, ${sha(body)};x=1` }],
  ])('%s is checked', async (_name, headers) => {
    expect((await fetchOnce(body, headers)).result.completeness).toBe('digest')
  })

  it.each<[string, Record<string, string>]>([
    ['Repr-Digest', { 'repr-digest': sha(Buffer.from('other')) }],
    ['Content-Digest', { 'content-digest': sha512(Buffer.from('other')) }],
    ['Content-MD5', { 'content-md5': digest('md5', Buffer.from('other')).toString('base64') }],
    ['the strongest of several', { 'repr-digest': `${sha(body)}, ${sha512(Buffer.from('x'))}` }],
  ])('a wrong %s is a transient failure', async (_name, headers) => {
    await expect(fetchOnce(body, headers)).rejects.toMatchObject({ ...mismatch, kind: 'transient' })
  })

  it.each(['nonsense', 'sha-256=:AAAA:', 'sha-256=abc', ''])('%j is ignored', async (field) => {
    expect((await fetchOnce(body, { 'repr-digest': field })).result.completeness).toBe('length')
  })

  it('of a server are ignored when verifyServerDigests is false', async () => {
    const headers = { 'repr-digest': sha(Buffer.from('other')) }
    const { result } = await fetchOnce(body, headers, { verifyServerDigests: false })
    expect(result.completeness).toBe('length')
  })

  it('of a server are of what is sent, the option sha256 of what is written', async () => {
    const sent = gzipSync(body)
    const headers = { 'content-encoding': 'gzip', 'repr-digest': sha(sent) }
    expect((await fetchOnce(sent, headers, { sha256 })).result.completeness).toBe('digest')
  })

  it('another sha256 than the option is a permanent failure that tells both', async () => {
    const wanted = '0'.repeat(64)
    await expect(fetchOnce(body, {}, { sha256: wanted })).rejects.toMatchObject({
      ...mismatch,
      kind: 'permanent',
      details: { expected: wanted, actual: sha256 },
    })
  })

  it.each(['abc', 'z'.repeat(64), 7])('the option sha256 %j is a TypeError', async (wrong) => {
    await expect(fetchOnce(body, {}, { sha256: wrong as string })).rejects.toThrow(TypeError)
  })
})

describe('what shows that a body is complete', () => {
  it('is its framing when it has no length', async () => {
    await using folder = await temporaryFolder()
    await using server = await serve((_request, response) => {
      response.write(body)
      response.end()
    })
    const result = await downloadToFile(server.url, folder.file('a'), loopback)
    expect(result.completeness).toBe('framing')
  })

  it('is only an orderly close when it has no framing', async () => {
    await using folder = await temporaryFolder()
    await using server = await serve((_request, response) => {
      response.socket?.end(`HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n${'x'.repeat(1000)}`)
    })
    const result = await downloadToFile(server.url, folder.file('a'), loopback)
    expect(result).toMatchObject({ completeness: 'close', bytes: 1000 })
  })
})
