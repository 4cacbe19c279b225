import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { downloadToFile } from '../src/index.ts'
import { loopback, pattern, serveRaw } from './serve.ts'
import { serveBroken } from './serve-broken.ts'
import { temporaryFolder } from './temporary-folder.ts'

const first = pattern(1_000_000, 1)
const second = pattern(1_000_000, 2)

const fast = { ...loopback, minBytesPerSecond: 0 }

describe.each([true, false])('resuming, recycleBuffers %s', (recycleBuffers) => {
  const options = { ...fast, recycleBuffers }

  it('goes on where the connection broke, vouched for by If-Range', async () => {
    await using folder = await temporaryFolder()
    await using server = await serveBroken({ content: () => first, drops: 2 })
    const result = await downloadToFile(server.url, folder.file('a'), {
      ...options,
      sha256: createHash('sha256').update(first).digest('hex'),
    })
    expect(result).toMatchObject({
      attempts: 3,
      resumed: 2,
      bytes: 1_000_000,
      completeness: 'digest',
    })
    expect((await readFile(folder.file('a'))).equals(first)).toBe(true)
    expect(server.requests.map(({ headers }) => headers['if-range'])).toEqual([
      undefined,
      '"one"',
      '"one"',
    ])
  })

  it.each([
    ['has another strong tag', () => ({ etag: `"${Math.random()}"` })],
    ['has no tag', () => ({})],
    ['has a weak tag', () => ({ etag: 'W/"same"' })],
    ['has only a date', () => ({ 'last-modified': 'Sat, 21 Nov 2026 00:00:00 GMT' })],
  ])('begins again when the file changed and %s', async (_what, headers) => {
    await using folder = await temporaryFolder()
    let content = first
    await using server = await serveBroken({
      content: () => content,
      headers: () => {
        const own = headers()
        queueMicrotask(() => {
          content = second
        })
        return own as Record<string, string>
      },
      drops: 1,
    })
    const result = await downloadToFile(server.url, folder.file('a'), options)
    expect(result).toMatchObject({ attempts: 2, resumed: 0 })
    expect((await readFile(folder.file('a'))).equals(second)).toBe(true)
  })

  it('begins again when the server knows no ranges', async () => {
    await using folder = await temporaryFolder()
    await using server = await serveBroken({ content: () => first, drops: 1, ranges: false })
    const result = await downloadToFile(server.url, folder.file('a'), options)
    expect(result).toMatchObject({ attempts: 2, resumed: 0 })
    expect((await readFile(folder.file('a'))).equals(first)).toBe(true)
  })

  it('goes on in the middle of a compressed body', async () => {
    const archive = gzipSync(first)
    await using folder = await temporaryFolder()
    await using server = await serveBroken({
      content: () => archive,
      headers: () => ({ etag: '"z"', 'content-encoding': 'gzip' }),
      drops: 1,
    })
    const result = await downloadToFile(server.url, folder.file('a'), options)
    expect(result).toMatchObject({ resumed: 1, bytes: first.length, wireBytes: archive.length })
    expect((await readFile(folder.file('a'))).equals(first)).toBe(true)
  })

  it('hands each byte to onData once', async () => {
    await using folder = await temporaryFolder()
    await using server = await serveBroken({ content: () => first, drops: 2 })
    const seen: Buffer[] = []
    const onData = (chunk: Buffer): unknown => seen.push(chunk)
    await downloadToFile(server.url, folder.file('a'), { ...options, onData })
    expect(Buffer.concat(seen).equals(first)).toBe(true)
  })

  it('does not begin again when onData has seen bytes', async () => {
    await using folder = await temporaryFolder()
    await using server = await serveBroken({ content: () => first, drops: 1, ranges: false })
    const onData = (): void => {}
    const failed = downloadToFile(server.url, folder.file('a'), { ...options, onData })
    await expect(failed).rejects.toMatchObject({ code: 'FILES_LOCAL_SOURCE_CHANGED' })
    expect(await folder.list()).toEqual([])
  })
})

/** Lies of a server about the rest of a file; the download must begin again. */
describe('a continuation that does not fit', () => {
  const head = 'content-length: 1000\r\netag: "one"\r\n'
  const old = pattern(1000, 3)
  const fresh = pattern(1000, 4)

  it.each([
    ['starts elsewhere', 'content-range: bytes 400-999/1000\r\netag: "one"'],
    ['has another total', 'content-range: bytes 500-999/2000\r\netag: "one"'],
    ['ends early', 'content-range: bytes 500-900/1000\r\netag: "one"'],
    ['has another tag', 'content-range: bytes 500-999/1000\r\netag: "two"'],
    ['has no tag', 'content-range: bytes 500-999/1000'],
    ['has no range', 'etag: "one"'],
    ['is encoded', 'content-range: bytes 500-999/1000\r\netag: "one"\r\ncontent-encoding: gzip'],
    ['has a broken range', 'content-range: bytes five-six/1000\r\netag: "one"'],
  ])('%s', async (_what, lie) => {
    await using folder = await temporaryFolder()
    await using server = await serveRaw((socket, _head, count) => {
      if (count === 1) {
        socket.write(`HTTP/1.1 200 OK\r\n${head}\r\n`)
        socket.write(old.subarray(0, 500), () => setTimeout(() => socket.destroy(), 20))
      } else if (count === 2) {
        socket.write(`HTTP/1.1 206 Partial Content\r\ncontent-length: 500\r\n${lie}\r\n\r\n`)
        socket.write(old.subarray(0, 500))
      } else {
        socket.write(`HTTP/1.1 200 OK\r\n${head}\r\n`)
        socket.write(fresh)
      }
    })
    const result = await downloadToFile(server.url, folder.file('a'), fast)
    expect(result.attempts).toBe(3)
    expect((await readFile(folder.file('a'))).equals(fresh)).toBe(true)
  })

  it('brings more than is missing', async () => {
    await using folder = await temporaryFolder()
    await using server = await serveRaw((socket, _head, count) => {
      if (count === 1) {
        socket.write(`HTTP/1.1 200 OK\r\n${head}\r\n`)
        socket.write(old.subarray(0, 500), () => setTimeout(() => socket.destroy(), 20))
      } else if (count === 2) {
        const range = 'content-range: bytes 500-999/1000\r\netag: "one"'
        socket.write(`HTTP/1.1 206 Partial Content\r\ncontent-length: 700\r\n${range}\r\n\r\n`)
        socket.write(pattern(700, 8))
      } else {
        socket.write(`HTTP/1.1 200 OK\r\n${head}\r\n`)
        socket.write(fresh)
      }
    })
    await downloadToFile(server.url, folder.file('a'), fast)
    expect((await readFile(folder.file('a'))).equals(fresh)).toBe(true)
  })

  it('is complete when the server says that nothing is missing', async () => {
    await using folder = await temporaryFolder()
    await using server = await serveRaw((socket, _head, count) => {
      if (count === 1) {
        socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\netag: "one"\r\n\r\n3e8\r\n')
        socket.write(old, () => setTimeout(() => socket.destroy(), 20))
      } else
        socket.write('HTTP/1.1 416 No\r\ncontent-range: bytes */1000\r\ncontent-length: 0\r\n\r\n')
    })
    await downloadToFile(server.url, folder.file('a'), fast)
    expect((await readFile(folder.file('a'))).equals(old)).toBe(true)
  })
})
