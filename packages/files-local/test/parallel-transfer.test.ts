import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { downloadToFile } from '../src/index.ts'
import { loopback, pattern, serve } from './serve.ts'
import { temporaryFolder } from './temporary-folder.ts'

const body = pattern(9_000_000)
const sha256 = createHash('sha256').update(body).digest('hex')
const options = { ...loopback, connections: 4 }

/** Answers ranges of the body; `change` alters one answer. */
function ranges(
  change: (count: number, response: ServerResponse, part: Buffer) => boolean = () => false,
) {
  let count = 0
  return (request: IncomingMessage, response: ServerResponse): void => {
    count += 1
    const [, from = '', to = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? []
    const start = Number(from)
    const end = to === '' ? body.length : Math.min(Number(to) + 1, body.length)
    const part = body.subarray(start, end)
    const partial =
      from !== '' && [undefined, '"one"'].includes(request.headers['if-range'] as string)
    response.setHeader('etag', '"one"')
    if (partial) response.setHeader('content-range', `bytes ${start}-${end - 1}/${body.length}`)
    if (change(count, response, part)) return
    response.writeHead(partial ? 206 : 200, { 'content-length': part.length }).end(part)
  }
}

describe('a download over several connections', () => {
  it('fetches parts, vouched for by If-Range, and puts them together', async () => {
    await using folder = await temporaryFolder()
    await using server = await serve(ranges())
    const result = await downloadToFile(server.url, folder.file('a'), { ...options, sha256 })
    expect(result).toMatchObject({
      bytes: body.length,
      wireBytes: body.length,
      completeness: 'digest',
    })
    expect((await readFile(folder.file('a'))).equals(body)).toBe(true)
    expect(server.connections).toBe(4)
    expect(server.requests.slice(1).every(({ headers }) => headers['if-range'] === '"one"')).toBe(
      true,
    )
  })

  it('fetches the first part again whose answer broke off before its first byte', async () => {
    await using folder = await temporaryFolder()
    const broken = ranges((count, response, part) => {
      if (count > 1) return false
      response.writeHead(206, { 'content-length': part.length }).flushHeaders()
      setTimeout(() => response.destroy(), 20)
      return true
    })
    await using server = await serve(broken)
    await downloadToFile(server.url, folder.file('a'), { ...options, sha256 })
    expect((await readFile(folder.file('a'))).equals(body)).toBe(true)
  })

  it('fails when the file changes before the first byte of its first part', async () => {
    await using folder = await temporaryFolder()
    const changing = ranges((count, response, part) => {
      if (count > 1) response.setHeader('etag', '"two"')
      else response.writeHead(206, { 'content-length': part.length }).flushHeaders()
      if (count === 1) setTimeout(() => response.destroy(), 20)
      return count === 1
    })
    await using server = await serve(changing)
    const download = downloadToFile(server.url, folder.file('a'), options)
    await expect(download).rejects.toMatchObject({ code: 'FILES_LOCAL_SOURCE_CHANGED' })
    expect(await folder.list()).toEqual([])
  })

  it('is faster against a server that slows each connection down', async () => {
    await using folder = await temporaryFolder()
    const slow = ranges((_count, response, part) => {
      setTimeout(() => response.writeHead(206, { 'content-length': part.length }).end(part), 100)
      return true
    })
    await using server = await serve(slow)
    const startedAt = performance.now()
    await downloadToFile(server.url, folder.file('a'), options)
    // Nine parts of a megabyte: one after the other they would take 900 ms.
    expect(performance.now() - startedAt).toBeLessThan(800)
    expect((await readFile(folder.file('a'))).equals(body)).toBe(true)
  })

  it('heals a part that breaks off, and the first one too', async () => {
    await using folder = await temporaryFolder()
    const breaking = ranges((count, response, part) => {
      if (count !== 1 && count !== 3) return false
      response.writeHead(206, { 'content-length': part.length })
      response.write(part.subarray(0, 300_000), () => setTimeout(() => response.destroy(), 30))
      return true
    })
    await using server = await serve(breaking)
    await downloadToFile(server.url, folder.file('a'), options)
    expect((await readFile(folder.file('a'))).equals(body)).toBe(true)
  })

  it('never mixes versions: a file that changes is an error', async () => {
    await using folder = await temporaryFolder()
    const changing = ranges((count, response) => {
      if (count < 4) return false
      response.removeHeader('content-range')
      response.writeHead(200, { etag: '"two"' }).end(Buffer.alloc(body.length, 'new'))
      return true
    })
    await using server = await serve(changing)
    const failed = downloadToFile(server.url, folder.file('a'), options)
    await expect(failed).rejects.toMatchObject({ code: 'FILES_LOCAL_SOURCE_CHANGED' })
    expect(await folder.list()).toEqual([])
  })

  it.each([1, 3])(
    'never writes beyond a part: answer %d that brings more is an error',
    async (which) => {
      await using folder = await temporaryFolder()
      const lying = ranges((count, response, part) => {
        if (count !== which) return false
        response.writeHead(206).end(Buffer.concat([part, Buffer.alloc(100, 'x')]))
        return true
      })
      await using server = await serve(lying)
      const failed = downloadToFile(server.url, folder.file('a'), options)
      await expect(failed).rejects.toMatchObject({ code: 'FILES_LOCAL_PROTOCOL_VIOLATED' })
      expect(await folder.list()).toEqual([])
    },
  )

  it('refuses a part that is encoded unlike the first', async () => {
    await using folder = await temporaryFolder()
    const encoding = ranges((count, response) => {
      if (count === 3) response.setHeader('content-encoding', 'gzip')
      return false
    })
    await using server = await serve(encoding)
    const failed = downloadToFile(server.url, folder.file('a'), options)
    await expect(failed).rejects.toMatchObject({ code: 'FILES_LOCAL_SOURCE_CHANGED' })
    expect(await folder.list()).toEqual([])
  })

  it('may be allowed far more than it has parts', async () => {
    await using folder = await temporaryFolder()
    await using server = await serve(ranges())
    await downloadToFile(server.url, folder.file('a'), { ...options, connections: 1e12, sha256 })
    expect(server.connections).toBeLessThanOrEqual(9)
  })

  it('uses the answer of a server that knows no ranges, without asking again', async () => {
    await using folder = await temporaryFolder()
    await using server = await serve((_request, response) => response.end(body))
    const result = await downloadToFile(server.url, folder.file('a'), { ...options, sha256 })
    expect(result.bytes).toBe(body.length)
    expect(server.requests).toHaveLength(1)
  })

  it.each([
    ['a weak tag', { etag: 'W/"one"' }],
    ['an encoding', { 'content-encoding': 'gzip' }],
    ['no total', { 'content-range': 'bytes 0-1048575/*' }],
  ])('is over one connection when the answer has %s', async (_what, headers) => {
    await using folder = await temporaryFolder()
    const odd = ranges((count, response, part) => {
      if (count === 1) response.writeHead(206, headers as Record<string, string>).end(part)
      return count === 1
    })
    await using server = await serve(odd)
    const result = await downloadToFile(server.url, folder.file('a'), options)
    expect(result.bytes).toBe(body.length)
    expect(server.requests[1]?.headers.range).toBeUndefined()
  })

  it.each([0, 1, 1_048_576, 1_048_577])('of %d bytes is whole', async (bytes) => {
    await using folder = await temporaryFolder()
    const small = body.subarray(0, bytes)
    await using server = await serve((request, response) => {
      const [, from = '', to = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? []
      if (from === '' || Number(from) >= bytes) {
        response.writeHead(from === '' ? 200 : 416, { etag: '"one"' }).end(from === '' ? small : '')
        return
      }
      const part = small.subarray(Number(from), Number(to) + 1)
      const range = `bytes ${from}-${Number(from) + part.length - 1}/${bytes}`
      response.writeHead(206, { etag: '"one"', 'content-range': range }).end(part)
    })
    await downloadToFile(server.url, folder.file('a'), options)
    expect((await readFile(folder.file('a'))).equals(small)).toBe(true)
  })

  it('has progress that ends at the total', async () => {
    await using folder = await temporaryFolder()
    await using server = await serve(ranges())
    const seen: number[] = []
    await downloadToFile(server.url, folder.file('a'), {
      ...options,
      onProgress: ({ bytes, totalBytes }) => {
        seen.push(bytes, totalBytes ?? 0)
      },
    })
    expect(seen.slice(-2)).toEqual([body.length, body.length])
  })

  it('refuses what is larger than maxBytes, and is stopped by its signal', async () => {
    await using folder = await temporaryFolder()
    await using server = await serve(ranges((count) => count > 2))
    const large = downloadToFile(server.url, folder.file('a'), { ...options, maxBytes: 1_000_000 })
    await expect(large).rejects.toMatchObject({ code: 'FILES_LOCAL_SIZE_EXCEEDED' })
    const signal = AbortSignal.timeout(100)
    const stopped = downloadToFile(server.url, folder.file('a'), { ...options, signal })
    await expect(stopped).rejects.toMatchObject({ code: 'FILES_LOCAL_ABORTED' })
    expect(await folder.list()).toEqual([])
  })
})
