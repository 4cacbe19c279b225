import { readFile } from 'node:fs/promises'
import { createGzip, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { type DownloadOptions, downloadToFile } from '../src/index.ts'
import { failure } from './failure.ts'
import { loopback, pattern, serve, serveRaw } from './serve.ts'
import { temporaryFolder } from './temporary-folder.ts'

const body = pattern(400_000)
const OK = 'HTTP/1.1 200 OK\r\n'

describe.each([
  ['recycled buffers', { recycleBuffers: true }],
  ["Node's buffers", { recycleBuffers: false }],
])('a server that misbehaves, read into %s', (_name, engine) => {
  const incomplete = { kind: 'transient', code: 'FILES_LOCAL_BODY_INCOMPLETE' }

  it.each([
    ['closes', 'end'],
    ['resets', 'resetAndDestroy'],
  ] as const)('that %s before the headers is a failed request', async (_how, close) => {
    await using server = await serveRaw((socket) => socket[close]())
    expect(await failure(server.url, engine)).toMatchObject({
      kind: 'transient',
      details: { phase: 'request', attempts: 1 },
    })
  })

  it.each([
    ['closes', 'end'],
    ['resets', 'resetAndDestroy'],
  ] as const)('that %s in a body of known length leaves nothing', async (_how, close) => {
    await using server = await serveRaw((socket) => {
      socket.write(`${OK}content-length: 400000\r\n\r\n`)
      socket.write(body.subarray(0, 200_000), () => setTimeout(() => socket[close](), 20))
    })
    expect(await failure(server.url, engine)).toMatchObject({
      ...incomplete,
      details: { phase: 'body' },
    })
  })

  it.each([
    ['closes', 'end'],
    ['resets', 'resetAndDestroy'],
  ] as const)('that %s before the last chunk leaves nothing', async (_how, close) => {
    await using server = await serveRaw((socket) => {
      socket.write(`${OK}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n`, () =>
        setTimeout(() => socket[close](), 20),
      )
    })
    expect(await failure(server.url, engine)).toMatchObject(incomplete)
  })

  it('that resets a body which ends by closing leaves nothing', async () => {
    await using server = await serveRaw((socket) => {
      socket.write(`${OK}connection: close\r\n\r\n`)
      socket.write(body.subarray(0, 200_000), () => setTimeout(() => socket.resetAndDestroy(), 20))
    })
    expect(await failure(server.url, engine)).toMatchObject(incomplete)
  })

  it('that closes early although it said Connection: close leaves nothing', async () => {
    await using server = await serveRaw((socket) => {
      socket.write(`${OK}connection: close\r\ncontent-length: 400000\r\n\r\n`)
      socket.end(body.subarray(0, 200_000))
    })
    expect(await failure(server.url, engine)).toMatchObject(incomplete)
  })

  it('that sends more than it announced is cut at the announced length', async () => {
    await using folder = await temporaryFolder()
    await using server = await serveRaw((socket) => {
      socket.write(`${OK}content-length: 200000\r\n\r\n`)
      socket.end(body)
    })
    const options = { ...loopback, ...engine }
    const result = await downloadToFile(server.url, folder.file('a'), options)
    expect(result).toMatchObject({ bytes: 200_000, completeness: 'length' })
    expect((await readFile(folder.file('a'))).equals(body.subarray(0, 200_000))).toBe(true)
  })

  it('that never answers is given up', async () => {
    await using server = await serveRaw(() => {})
    expect(await failure(server.url, { ...engine, headersTimeoutMs: 100 })).toMatchObject({
      kind: 'transient',
      code: 'FILES_LOCAL_TIMED_OUT',
      details: { timeout: 'headers', phase: 'request' },
    })
  })

  it('that stops in the body is given up', async () => {
    await using server = await serveRaw((socket) => {
      socket.write(`${OK}content-length: 400000\r\n\r\n`)
      socket.write(body.subarray(0, 100_000))
    })
    expect(await failure(server.url, { ...engine, idleTimeoutMs: 100 })).toMatchObject({
      code: 'FILES_LOCAL_TIMED_OUT',
      details: { timeout: 'idle', phase: 'body' },
    })
  })

  it('that stops while a slow callback holds the download back is given up afterwards', async () => {
    await using server = await serveRaw((socket) => {
      socket.write(`${OK}content-length: 400000\r\n\r\n`)
      socket.write(body.subarray(0, 100_000))
    })
    const onData = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 150))
    const error = await failure(server.url, { ...engine, idleTimeoutMs: 100, onData })
    expect(error).toMatchObject({ details: { timeout: 'idle' } })
  })

  it('that trickles for ever is stopped by the total timeout', async () => {
    await using server = await serveRaw((socket) => {
      socket.write(`${OK}content-length: 400000\r\n\r\n`)
      const timer = setInterval(() => socket.write('x'), 10)
      socket.on('close', () => clearInterval(timer))
    })
    expect(await failure(server.url, { ...engine, totalTimeoutMs: 150 })).toMatchObject({
      code: 'FILES_LOCAL_TIMED_OUT',
      details: { timeout: 'total' },
    })
  })

  it('that never ends is stopped by maxBytes', async () => {
    await using server = await serve((_request, response) => {
      const send = (): void => {
        while (!response.destroyed && response.write(body));
      }
      response.on('drain', send)
      send()
    })
    expect(await failure(server.url, { ...engine, maxBytes: 1_000_000 })).toMatchObject({
      kind: 'permanent',
      code: 'FILES_LOCAL_SIZE_EXCEEDED',
      details: { maxBytes: 1_000_000 },
    })
  })

  it('that announces more than maxBytes is refused before the body', async () => {
    await using server = await serve((_request, response) => response.end(body))
    expect(await failure(server.url, { ...engine, maxBytes: 399_999 })).toMatchObject({
      code: 'FILES_LOCAL_SIZE_EXCEEDED',
      details: { bytes: 0 },
    })
  })

  it('that sends an archive bomb is stopped by the ratio', async () => {
    const bomb = gzipSync(Buffer.alloc(32 * 1024 * 1024))
    await using server = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)
    })
    expect(await failure(server.url, engine)).toMatchObject({
      kind: 'permanent',
      code: 'FILES_LOCAL_RATIO_EXCEEDED',
    })
  })

  it('that sends an archive larger than maxBytes inside is stopped', async () => {
    const archive = gzipSync(Buffer.alloc(2 * 1024 * 1024))
    await using server = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(archive)
    })
    expect(await failure(server.url, { ...engine, maxBytes: 1024 * 1024 })).toMatchObject({
      code: 'FILES_LOCAL_SIZE_EXCEEDED',
    })
  })

  it('that sends an endless archive is stopped', async () => {
    await using server = await serve((_request, response) => {
      const gzip = createGzip()
      response.writeHead(200, { 'content-encoding': 'gzip' })
      gzip.pipe(response)
      const send = (): void => {
        while (!response.destroyed && gzip.write(body));
      }
      gzip.on('drain', send)
      send()
    })
    expect(await failure(server.url, { ...engine, maxBytes: 3_000_000 })).toMatchObject({
      code: 'FILES_LOCAL_SIZE_EXCEEDED',
    })
  })

  it('that sends a damaged archive leaves nothing', async () => {
    const archive = gzipSync(body)
    archive.fill(0, 1000, 2000)
    await using server = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(archive)
    })
    expect(await failure(server.url, engine)).toMatchObject({ code: 'FILES_LOCAL_BODY_CORRUPT' })
  })

  it('that sends half an archive with a right length leaves nothing', async () => {
    const archive = gzipSync(body)
    await using server = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' })
      response.end(archive.subarray(0, archive.length / 2))
    })
    expect(await failure(server.url, engine)).toMatchObject({ code: 'FILES_LOCAL_BODY_CORRUPT' })
  })

  it('that speaks no HTTP is told from one that is away', async () => {
    await using server = await serveRaw((socket) => socket.end('220 mail.example.com ESMTP\r\n'))
    expect(await failure(server.url, engine)).toMatchObject({
      kind: 'transient',
      code: 'FILES_LOCAL_PROTOCOL_VIOLATED',
    })
  })

  it('that closes while a callback holds the body back delivers everything', async () => {
    await using folder = await temporaryFolder()
    await using server = await serveRaw((socket) => {
      socket.write(`${OK}connection: close\r\ncontent-length: ${body.length}\r\n\r\n`)
      socket.end(body)
    })
    const seen: Buffer[] = []
    await downloadToFile(server.url, folder.file('a'), {
      ...loopback,
      ...engine,
      onData: async (chunk) => {
        seen.push(chunk)
        await new Promise((resolve) => setTimeout(resolve, 5))
      },
    })
    expect(Buffer.concat(seen).equals(body)).toBe(true)
    expect((await readFile(folder.file('a'))).equals(body)).toBe(true)
  })

  it.each([
    ['closes', 'end'],
    ['resets', 'resetAndDestroy'],
  ] as const)(
    'that %s while the last chunk is worked on has delivered everything',
    async (_how, close) => {
      await using folder = await temporaryFolder()
      await using server = await serveRaw((socket) => {
        socket.write(`${OK}content-length: 10\r\n\r\n0123456789`, () => socket[close]())
      })
      const onData = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50))
      const options = { ...loopback, ...engine, maxAttempts: 1, onData }
      const result = await downloadToFile(server.url, folder.file('a'), options)
      expect(result).toMatchObject({ bytes: 10, attempts: 1, completeness: 'length' })
      expect(await readFile(folder.file('a'), 'utf8')).toBe('0123456789')
    },
  )

  it.each([
    ['the signal', (): DownloadOptions => ({ signal: AbortSignal.timeout(100) })],
    ['the total timeout', (): DownloadOptions => ({ totalTimeoutMs: 100 })],
  ])('is given up by %s although a callback never ends', async (_what, stop) => {
    await using server = await serve((_request, response) => response.end(body))
    const onData = (): Promise<never> => new Promise(() => {})
    const error = await failure(server.url, { ...engine, ...stop(), onData })
    expect(error).toMatchObject({ details: { phase: 'body' } })
  })

  it('that is aborted by its client leaves nothing', async () => {
    await using server = await serveRaw((socket) => {
      socket.write(`${OK}content-length: 400000\r\n\r\n`)
      socket.write(body.subarray(0, 100_000))
    })
    const controller = new AbortController()
    const onData = (): void => controller.abort(new Error('changed my mind'))
    expect(
      await failure(server.url, { ...engine, signal: controller.signal, onData }),
    ).toMatchObject({ code: 'FILES_LOCAL_ABORTED', cause: new Error('changed my mind') })
  })

  it('that is aborted when all has come and nothing has its name leaves nothing', async () => {
    await using server = await serve((_request, response) => response.end(body))
    const controller = new AbortController()
    const onProgress = ({ bytes }: { bytes: number }): void => {
      if (bytes === body.length) controller.abort()
    }
    const options = { ...engine, signal: controller.signal, onProgress }
    expect(await failure(server.url, options)).toMatchObject({ code: 'FILES_LOCAL_ABORTED' })
  })
})
