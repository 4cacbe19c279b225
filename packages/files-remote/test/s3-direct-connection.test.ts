import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { createServer as createTlsServer } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { openDirectConnection } from '../src/s3/s3-direct-connection.ts'
import { patterned } from '../src/testing/contract-kit.ts'
import { certificate } from './tls.ts'

const request = {
  method: 'GET',
  protocol: 'http:',
  hostname: '127.0.0.1',
  path: '/',
  query: {},
  headers: { host: 'x' },
}

/** A server that answers every request on a connection by a function of its own. */
async function serve(answer: (socket: Socket) => unknown, secure = false) {
  const onSocket = (socket: Socket) => {
    socket.on('error', () => undefined)
    socket.on('data', () => answer(socket))
  }
  const server = secure ? createTlsServer(certificate, onSocket) : createServer(onSocket)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const tls = secure ? { ca: certificate.ca } : undefined
  const where = { hostname: 'localhost', port, tls }
  const connection = openDirectConnection(where, { idleTimeoutMs: 2000 })
  return {
    connection,
    [Symbol.dispose]: () => {
      connection[Symbol.dispose]()
      server.close()
    },
  }
}

const head = (length: number, more = '') =>
  `HTTP/1.1 206 Partial Content\r\nContent-Length: ${length}\r\n${more}\r\n`

describe('openDirectConnection', () => {
  it.each([
    ['without', false],
    ['with', true],
  ])(
    'gives the same bytes %s TLS under random chunks, pauses and slow writes, twice over one connection',
    async (_, secure) => {
      const data = Buffer.from(patterned(6_000_000))
      let seed = 7
      const random = (below: number) => {
        seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
        return seed % below
      }
      using server = await serve(async (socket) => {
        for (const piece of [head(data.length).slice(0, 20), head(data.length).slice(20)]) {
          socket.write(piece)
          await sleep(2)
        }
        for (let at = 0; at < data.length; ) {
          const length = 1 + random(300_000)
          socket.write(data.subarray(at, at + length))
          at += length
          if (random(4) === 0) await sleep(random(4))
        }
      }, secure)
      for (let turn = 0; turn < 2; turn += 1) {
        const got = Buffer.alloc(data.length)
        let position = 0
        await server.connection.get(
          request,
          { status: 206, length: data.length },
          async (bytes) => {
            const at = position
            position += bytes.length
            await sleep(random(5))
            // Only now is the memory read: had it been filled again meanwhile, this copy would show it.
            bytes.copy(got, at)
          },
        )
        expect(got.equals(data)).toBe(true)
        expect(server.connection.usable()).toBe(true)
      }
    },
  )

  it('waits for the last write although the server has closed the connection', async () => {
    using server = await serve((socket) => socket.end(`${head(5, 'Connection: close\r\n')}hello`))
    let written = ''
    await server.connection.get(request, { status: 206, length: 5 }, async (bytes) => {
      await sleep(50)
      written += String(bytes)
    })
    expect(written).toBe('hello')
    expect(server.connection.usable()).toBe(false)
  })

  it.each([
    ['another status', 'HTTP/1.1 403 Forbidden\r\nContent-Length: 5\r\n\r\nhello'],
    ['another length', `${head(6)}hello!`],
    [
      'no length',
      'HTTP/1.1 206 Partial Content\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
    ],
    ['a longer body', `${head(5)}hello, world`],
    ['something else', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
    ['a head without end', 'x'.repeat(70_000)],
  ])('rejects %s', async (_, answer) => {
    using server = await serve((socket) => socket.write(answer))
    const call = server.connection.get(request, { status: 206, length: 5 }, async () => undefined)
    await expect(call).rejects.toMatchObject({ code: 'FILES_REMOTE_NETWORK' })
    expect(server.connection.usable()).toBe(false)
  })

  it('rejects a body that ends early, and with what a write fails', async () => {
    using early = await serve((socket) => socket.end(`${head(5)}hel`))
    await expect(
      early.connection.get(request, { status: 206, length: 5 }, async () => undefined),
    ).rejects.toMatchObject({ code: 'FILES_REMOTE_NETWORK' })
    using server = await serve((socket) => socket.write(`${head(5)}hello`))
    const full = new Error('disk full')
    await expect(
      server.connection.get(request, { status: 206, length: 5 }, () => Promise.reject(full)),
    ).rejects.toBe(full)
  })
})
