import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { createServer, get } from 'node:http'
import { createSecureServer } from 'node:http2'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, connect, type Server, type Socket } from 'node:net'
import { Agent, Dispatcher } from 'undici'
import { describe, expect, it } from 'vitest'
import { createDownloader, type DownloadOptions, downloadToFile } from '../src/index.ts'
import { loopback, pattern, serve, serveRaw } from './serve.ts'
import { temporaryFolder } from './temporary-folder.ts'

const body = pattern(2_000_000)
const key = readFileSync(new URL('fixtures/localhost-key.pem', import.meta.url))
const cert = readFileSync(new URL('fixtures/localhost-certificate.pem', import.meta.url))

async function expectBody(url: string, options: DownloadOptions): Promise<void> {
  await using folder = await temporaryFolder()
  await downloadToFile(url, folder.file('a'), options)
  expect((await readFile(folder.file('a'))).equals(body)).toBe(true)
}

async function listening(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return (server.address() as AddressInfo).port
}

describe('TLS', () => {
  it('trusts what the option tls says, and is refused for good otherwise', async () => {
    const server = createHttpsServer({ key, cert }, (_request, response) => response.end(body))
    const port = await listening(server)
    try {
      await expectBody(`https://127.0.0.1:${port}/`, { ...loopback, tls: { ca: cert } })
      await expectBody(`https://localhost:${port}/`, { ...loopback, tls: { ca: cert } })
      await using folder = await temporaryFolder()
      const failed = downloadToFile(`https://127.0.0.1:${port}/`, folder.file('a'), loopback)
      await expect(failed).rejects.toMatchObject({
        kind: 'permanent',
        code: 'FILES_LOCAL_CERTIFICATE_REFUSED',
      })
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })

  it('offers HTTP/2 only on request', async () => {
    const versions: string[] = []
    const server = createSecureServer({ key, cert, allowHTTP1: true }, (request, response) => {
      versions.push(request.httpVersion)
      response.end(body)
    })
    const port = await listening(server)
    try {
      const options = { ...loopback, tls: { ca: cert } }
      await expectBody(`https://127.0.0.1:${port}/`, options)
      await expectBody(`https://127.0.0.1:${port}/`, { ...options, http2: true })
      expect(versions).toEqual(['1.1', '2.0'])
    } finally {
      server.close()
    }
  })

  it('over HTTP/2 a stream that breaks off leaves nothing', async () => {
    const server = createSecureServer({ key, cert }, (_request, response) => {
      response.stream.respond({ ':status': 200, 'content-length': body.length })
      response.stream.write(body.subarray(0, 100_000), () => response.stream.close(2))
    })
    const port = await listening(server)
    try {
      await using folder = await temporaryFolder()
      const options = { ...loopback, tls: { ca: cert }, http2: true, maxAttempts: 1 }
      const failed = downloadToFile(`https://127.0.0.1:${port}/`, folder.file('a'), options)
      await expect(failed).rejects.toMatchObject({ kind: 'transient' })
      expect(await folder.list()).toEqual([])
    } finally {
      server.close()
    }
  })
})

describe('a proxy', () => {
  /** Tunnels CONNECT, forwards the rest, and notes where to. */
  async function proxy(): Promise<{ url: string; targets: string[] } & AsyncDisposable> {
    const targets: string[] = []
    const sockets = new Set<Socket>()
    const server = createServer((request, response) => {
      targets.push(new URL(request.url ?? '').host)
      get(request.url ?? '', (upstream) => upstream.pipe(response))
    })
    server.on('connect', (request, client: Socket) => {
      targets.push(request.url ?? '')
      const [host = '', port = ''] = (request.url ?? '').split(':')
      const upstream = connect(Number(port), host, () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n')
        upstream.pipe(client).pipe(upstream)
      })
      for (const socket of [client, upstream]) {
        sockets.add(socket)
        socket.on('error', () => {})
      }
    })
    const port = await listening(server)
    return {
      url: `http://127.0.0.1:${port}`,
      targets,
      [Symbol.asyncDispose]: async () => {
        for (const socket of sockets) socket.destroy()
        server.close()
      },
    }
  }

  it('is used when the option says so', async () => {
    await using through = await proxy()
    await using server = await serve((_request, response) => response.end(body))
    await expectBody(server.url, { allow: 'anywhere', proxy: through.url })
    expect(through.targets).toEqual([`127.0.0.1:${server.port}`])
  })

  it('tunnels https:', async () => {
    await using through = await proxy()
    const server = createHttpsServer({ key, cert }, (_request, response) => response.end(body))
    const port = await listening(server)
    try {
      const url = `https://127.0.0.1:${port}/`
      await expectBody(url, { allow: 'anywhere', proxy: through.url, tls: { ca: cert } })
      expect(through.targets).toEqual([`127.0.0.1:${port}`])
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })

  it('is asked for named hosts only', async () => {
    await using folder = await temporaryFolder()
    await using through = await proxy()
    const allow = { hosts: ['files.example.com'] }
    const failed = downloadToFile('http://127.0.0.1:1/', folder.file('a'), {
      allow,
      proxy: through.url,
    })
    await expect(failed).rejects.toMatchObject({ code: 'FILES_LOCAL_ADDRESS_REFUSED' })
    expect(through.targets).toEqual([])
  })
})

describe('a dispatcher of the caller', () => {
  it('is used and stays open', async () => {
    await using server = await serve((_request, response) => response.end(body))
    const dispatcher = new Agent()
    await expectBody(server.url, { allow: 'anywhere', dispatcher })
    await expectBody(server.url, { allow: 'anywhere', dispatcher })
    expect(dispatcher.closed).toBe(false)
    await dispatcher.close()
  })

  it('that fails in its own way is a failure of ours', async () => {
    await using folder = await temporaryFolder()
    class Broken extends Dispatcher {
      override dispatch(): boolean {
        throw new Error('mine')
      }
    }
    const options = { allow: 'anywhere', dispatcher: new Broken() } as const
    const failed = downloadToFile('http://a.example/', folder.file('a'), options)
    await expect(failed).rejects.toMatchObject({ kind: 'permanent', cause: new Error('mine') })
  })
})

it('an AbortError of somebody else is an abort, and is not tried again', async () => {
  await using folder = await temporaryFolder()
  let calls = 0
  class Aborting extends Dispatcher {
    override dispatch(): boolean {
      calls += 1
      throw new DOMException('stopped', 'AbortError')
    }
  }
  const options = { allow: 'anywhere', dispatcher: new Aborting() } as const
  const failed = downloadToFile('http://a.example/', folder.file('a'), options)
  await expect(failed).rejects.toMatchObject({ code: 'FILES_LOCAL_ABORTED' })
  expect(calls).toBe(1)
})

describe('what is left behind', () => {
  it('is no socket and no listener after many failures', async () => {
    await using folder = await temporaryFolder()
    await using broken = await serveRaw((socket, _head, count) => {
      if (count % 3 === 0) socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf')
      else if (count % 3 === 1) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nstall')
      else socket.end('HTTP/1.1 404 No\r\ncontent-length: 0\r\n\r\n')
    })
    const controller = new AbortController()
    const count = (): number =>
      process.getActiveResourcesInfo().filter((name) => /TCPSocket|Timeout/.test(name)).length
    const listeners = (): number => process.listenerCount('warning')
    const before = { count: count(), listeners: listeners() }
    let warnings = 0
    const onWarning = (): number => (warnings += 1)
    process.on('warning', onWarning)
    await using downloader = createDownloader({ ...loopback, idleTimeoutMs: 50, maxAttempts: 1 })
    for (let index = 0; index < 30; index += 1) {
      const options = { signal: controller.signal }
      await downloader.downloadToFile(broken.url, folder.file('a'), options).catch(() => {})
    }
    await downloader.close()
    await new Promise((resolve) => setTimeout(resolve, 100))
    process.off('warning', onWarning)
    expect(warnings).toBe(0)
    expect(listeners()).toBe(before.listeners)
    expect(count()).toBeLessThanOrEqual(before.count + 2)
    expect(await folder.list()).toEqual([])
  })

  it('a full disk is told as such, and nothing is left', async () => {
    await using server = await serve((_request, response) => response.end(body))
    const failed = downloadToFile(server.url, '/dev/full', { ...loopback, maxAttempts: 2 })
    await expect(failed).rejects.toMatchObject({
      kind: 'transient',
      code: 'FILES_LOCAL_DISK_FULL',
      cause: expect.objectContaining({ code: 'ENOSPC' }),
    })
    expect(server.requests).toHaveLength(1)
  })

  it('a file larger than the disk is refused before its first byte', async () => {
    await using folder = await temporaryFolder()
    await mkdir(folder.file('sub'))
    await using server = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 900000000000000\r\n\r\nx')
    })
    const failed = downloadToFile(server.url, folder.file('sub/a'), { ...loopback, maxAttempts: 1 })
    await expect(failed).rejects.toMatchObject({
      code: 'FILES_LOCAL_DISK_FULL',
      details: { bytesNeeded: 900_000_000_000_000 },
    })
  })

  it('a downloader that is closed downloads no more, and ends what is under way', async () => {
    await using folder = await temporaryFolder()
    await using server = await serve((_request, response) => response.write(body))
    const downloader = createDownloader(loopback)
    const running = downloader
      .downloadToFile(server.url, folder.file('a'))
      .catch((error: unknown) => error)
    await new Promise((resolve) => setTimeout(resolve, 100))
    await downloader.close()
    const closed = { kind: 'permanent', code: 'FILES_LOCAL_ABORTED' }
    expect(await running).toMatchObject(closed)
    await expect(downloader.downloadToFile(server.url, folder.file('a'))).rejects.toMatchObject(
      closed,
    )
    expect(await folder.list()).toEqual([])
  })

  it.each([
    { resume: true, connections: 2 },
    { connections: 2, onData: () => {} },
    { fsync: 'always' },
    { onDataChunks: 'mine' },
  ])('options that make no sense are refused at once: %j', async (options) => {
    const failed = downloadToFile('https://a.example', '/tmp/a', options as DownloadOptions)
    await expect(failed).rejects.toThrow(TypeError)
  })

  it('headers that belong to the download are refused at once', async () => {
    const wrong = ['Range', 'If-Range', 'Transfer-Encoding', 'bad name']
    for (const name of wrong) {
      const failed = downloadToFile('https://a.example', '/tmp/a', { headers: { [name]: 'x' } })
      await expect(failed).rejects.toThrow(TypeError)
    }
    const split = downloadToFile('https://a.example', '/tmp/a', { headers: { a: 'x\r\nb: y' } })
    await expect(split).rejects.toThrow(TypeError)
  })

  it.each([
    ['maxBytes', -1],
    ['idleTimeoutMs', Number.NaN],
    ['maxAttempts', 'many'],
  ])('the option %s = %s is refused at once', async (name, value) => {
    const failed = downloadToFile('https://a.example', '/tmp/a', { [name]: value })
    await expect(failed).rejects.toThrow(new RegExp(`option ${name}`))
  })

  it.each(['', 'example.com/a', '/etc/passwd', 'file:///etc/passwd', 'http://'])(
    'the address %j is refused',
    async (url) => {
      await expect(downloadToFile(url, '/tmp/mortise-never')).rejects.toMatchObject({
        kind: 'permanent',
        code: 'FILES_LOCAL_URL_REFUSED',
      })
    },
  )
})
