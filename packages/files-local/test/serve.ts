import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'

/** A server on a loopback port of its own. */
export interface TestServer extends AsyncDisposable {
  url: string
  port: number
  /** Requests so far, oldest first. */
  requests: { url: string; headers: IncomingMessage['headers'] }[]
  /** Connections so far. */
  connections: number
}

/** Downloads of these tests come from loopback, which the guard refuses unless it is named. */
export const loopback = { allow: { addresses: ['127.0.0.0/8', '::1'] } } as const

/** Serves HTTP in an orderly way. */
export async function serve(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<TestServer> {
  const requests: TestServer['requests'] = []
  const server = createServer((request, response) => {
    requests.push({ url: request.url ?? '', headers: request.headers })
    handle(request, response)
  })
  server.keepAliveTimeout = 60_000
  const test = {
    url: '',
    port: 0,
    requests,
    connections: 0,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  server.on('connection', () => {
    test.connections += 1
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  test.port = (server.address() as AddressInfo).port
  test.url = `http://127.0.0.1:${test.port}`
  return test
}

/** Serves bytes as they are: `answer` writes to the socket whatever it likes, once per request head. */
export async function serveRaw(
  answer: (socket: Socket, head: string, count: number) => void,
): Promise<TestServer> {
  const sockets = new Set<Socket>()
  const test = { url: '', port: 0, requests: [] as TestServer['requests'], connections: 0 }
  const server = createTcpServer((socket) => {
    test.connections += 1
    sockets.add(socket)
    let pending = ''
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', (data) => {
      pending += data.toString('latin1')
      for (let end = pending.indexOf('\r\n\r\n'); end >= 0; end = pending.indexOf('\r\n\r\n')) {
        const head = pending.slice(0, end)
        pending = pending.slice(end + 4)
        const headers = Object.fromEntries(
          head
            .split('\r\n')
            .slice(1)
            .map((line) => [
              line.slice(0, line.indexOf(':')).toLowerCase(),
              line.slice(line.indexOf(':') + 1).trim(),
            ]),
        )
        test.requests.push({ url: head.split(' ')[1] ?? '', headers })
        answer(socket, head, test.requests.length)
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  test.port = (server.address() as AddressInfo).port
  test.url = `http://127.0.0.1:${test.port}`
  return Object.assign(test, {
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}

/** Bytes that differ at every place, so that a mix or a shift shows. */
export function pattern(bytes: number, seed = 1): Buffer {
  const buffer = Buffer.allocUnsafe(bytes)
  let state = seed >>> 0 || 1
  for (let index = 0; index < bytes; index += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    buffer[index] = state >>> 24
  }
  return buffer
}
