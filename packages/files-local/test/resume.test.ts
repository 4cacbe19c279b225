import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { downloadToFile, openDownload } from '../src/index.ts'
import { loopback, pattern, serve, serveRaw, type TestServer } from './serve.ts'
import { temporaryFolder } from './temporary-folder.ts'

const first = pattern(1_000_000, 1)
const second = pattern(1_000_000, 2)

interface Source {
  content: () => Buffer
  headers?: (count: number) => Record<string, string>
  /** How many answers break in the middle. */
  drops: number
  ranges?: boolean
}

/** A server whose answers break, and which knows ranges and `If-Range`. */
function serveBroken({ content, headers, drops, ranges = true }: Source): Promise<TestServer> {
  let count = 0
  return serve((request, response) => {
    count += 1
    const own: Record<string, string> = headers?.(count) ?? { etag: '"one"' }
    const whole = content()
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    const partial = ranges && start > 0 && request.headers['if-range'] === own.etag
    const part = partial ? whole.subarray(start) : whole
    response.writeHead(partial ? 206 : 200, {
      'content-length': part.length,
      ...own,
      ...(partial && { 'content-range': `bytes ${start}-${whole.length - 1}/${whole.length}` }),
    })
    if (count <= drops) breakOff(response, part)
    else response.end(part)
  })
}

function breakOff(response: ServerResponse, part: Buffer): void {
  response.write(part.subarray(0, part.length / 2), () => {
    setTimeout(() => response.destroy(), 30)
  })
}

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

describe('trying again', () => {
  it.each([408, 429, 500, 502, 503, 504])('heals a %d', async (status) => {
    await using folder = await temporaryFolder()
    let count = 0
    await using server = await serve((_request, response) => {
      count += 1
      if (count === 1) response.writeHead(status, { 'retry-after': '0' }).end()
      else response.end(first)
    })
    const result = await downloadToFile(server.url, folder.file('a'), fast)
    expect(result.attempts).toBe(2)
  })

  it('waits as long as Retry-After asks', async () => {
    await using folder = await temporaryFolder()
    let count = 0
    await using server = await serve((_request, response) => {
      count += 1
      if (count === 1) response.writeHead(503, { 'retry-after': '1' }).end()
      else response.end(first)
    })
    const startedAt = performance.now()
    await downloadToFile(server.url, folder.file('a'), fast)
    expect(performance.now() - startedAt).toBeGreaterThan(990)
  })

  it('does not wait longer than maxRetryAfterMs, and says how long it would be', async () => {
    await using folder = await temporaryFolder()
    await using server = await serve((_request, response) => {
      response.writeHead(429, { 'retry-after': '120' }).end()
    })
    const failed = downloadToFile(server.url, folder.file('a'), fast)
    await expect(failed).rejects.toMatchObject({ kind: 'rate_limit', retryAfterMs: 120_000 })
    expect(server.requests).toHaveLength(1)
  })

  it.each([400, 401, 403, 404, 410])('does not heal a %d', async (status) => {
    await using folder = await temporaryFolder()
    await using server = await serve((_request, response) => response.writeHead(status).end())
    await expect(downloadToFile(server.url, folder.file('a'), fast)).rejects.toMatchObject({
      status,
    })
    expect(server.requests).toHaveLength(1)
  })

  it('waits as the option backoffMs says', async () => {
    await using folder = await temporaryFolder()
    await using server = await serve((_request, response) => response.writeHead(503).end())
    const waits: number[] = []
    const backoffMs = (attempt: number): number => waits.push(attempt) * 0
    const failed = downloadToFile(server.url, folder.file('a'), { ...fast, backoffMs })
    await expect(failed).rejects.toMatchObject({ status: 503 })
    expect(waits).toEqual([1, 2, 3])
  })

  it('begins again when the compressed body was damaged on the way', async () => {
    await using folder = await temporaryFolder()
    const archive = gzipSync(first)
    const damaged = Buffer.from(archive).fill(0, 1000, 5000)
    let count = 0
    await using server = await serve((request, response) => {
      count += 1
      expect(request.headers.range).toBeUndefined()
      response.writeHead(200, { 'content-encoding': 'gzip', etag: '"z"' })
      response.end(count === 1 ? damaged : archive)
    })
    await downloadToFile(server.url, folder.file('a'), fast)
    expect((await readFile(folder.file('a'))).equals(first)).toBe(true)
  })

  it('ends after maxAttempts and says how many there were', async () => {
    await using folder = await temporaryFolder()
    await using server = await serve((_request, response) => response.writeHead(503).end())
    const failed = downloadToFile(server.url, folder.file('a'), { ...fast, maxAttempts: 2 })
    await expect(failed).rejects.toMatchObject({ status: 503, details: { attempts: 2 } })
    expect(server.requests).toHaveLength(2)
  })

  it('is stopped by the signal while it waits', async () => {
    await using folder = await temporaryFolder()
    await using server = await serve((_request, response) => {
      response.writeHead(503, { 'retry-after': '20' }).end()
    })
    const failed = downloadToFile(server.url, folder.file('a'), {
      ...fast,
      signal: AbortSignal.timeout(200),
    })
    await expect(failed).rejects.toMatchObject({ code: 'FILES_LOCAL_ABORTED' })
  })

  it('heals a digest that did not match', async () => {
    await using folder = await temporaryFolder()
    let count = 0
    const digest = createHash('sha256').update(first).digest('base64')
    await using server = await serve((_request, response) => {
      count += 1
      response.writeHead(200, { 'repr-digest': `sha-256=:${digest}:`, etag: '"one"' })
      response.end(count === 1 ? second : first)
    })
    const result = await downloadToFile(server.url, folder.file('a'), fast)
    expect(result).toMatchObject({ attempts: 2, completeness: 'digest' })
    expect((await readFile(folder.file('a'))).equals(first)).toBe(true)
  })

  it('resumes a stream that was opened, so that its reader sees every byte once', async () => {
    await using server = await serveBroken({ content: () => first, drops: 2 })
    const { stream, size } = await openDownload(server.url, fast)
    expect(size).toBe(first.length)
    expect(Buffer.concat(await stream.toArray()).equals(first)).toBe(true)
  })
})
