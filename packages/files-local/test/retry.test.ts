import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { downloadToFile, openDownload } from '../src/index.ts'
import { loopback, pattern, serve } from './serve.ts'
import { serveBroken } from './serve-broken.ts'
import { temporaryFolder } from './temporary-folder.ts'

const first = pattern(1_000_000, 1)
const second = pattern(1_000_000, 2)

const fast = { ...loopback, minBytesPerSecond: 0 }

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
