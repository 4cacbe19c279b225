import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  request as send,
} from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** What happens to one request on its way. `undefined` lets it pass. */
export type Fault =
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly code: string
      readonly headers?: Record<string, string>
    }
  /** The storage acts, but its answer never comes. */
  | { readonly kind: 'lose-answer' }
  /** The storage acts at once, and its answer comes later. */
  | { readonly kind: 'delay-answer'; readonly delayMs: number }
  /** The connection breaks after so many bytes of the answer's body. */
  | { readonly kind: 'cut-answer'; readonly afterBytes: number }
  /** One bit of the answer's body changes. */
  | { readonly kind: 'flip-answer'; readonly atByte: number }
  | { readonly kind: 'flip-request'; readonly atByte: number }
  /** The connection breaks after so many bytes of the request's body. */
  | { readonly kind: 'cut-request'; readonly afterBytes: number }
  /** The answer comes without a header. */
  | { readonly kind: 'drop-header'; readonly name: string }
  /** Nothing comes back, and nothing breaks. */
  | { readonly kind: 'stall' }

export interface FaultProxy extends AsyncDisposable {
  readonly endpoint: string
  /** Chooses the fault of each request; called once for every one, in order. */
  fault: (request: {
    method: string
    url: string
    headers: IncomingHttpHeaders
  }) => Fault | undefined
  readonly seen: string[]
}

/** Stands between a client and the real server, and misbehaves as told. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const upstream = new URL(target)
  const sockets = new Set<Socket>()
  const server: Server = createServer((request, response) => {
    const { method = '', url = '', headers } = request
    proxy.seen.push(`${method} ${url}`)
    const fault = proxy.fault({ method, url, headers })
    forward(upstream, { request, response }, fault)
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const proxy: FaultProxy = {
    endpoint: `http://127.0.0.1:${port}`,
    fault: () => undefined,
    seen: [],
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return proxy
}

function forward(
  upstream: URL,
  { request, response }: { request: IncomingMessage; response: ServerResponse },
  fault: Fault | undefined,
): void {
  if (fault?.kind === 'stall') return
  if (fault?.kind === 'answer') {
    request.resume()
    request.on('end', () => {
      response.writeHead(fault.status, { 'content-type': 'application/xml', ...fault.headers })
      response.end(
        request.method === 'HEAD'
          ? ''
          : `<?xml version="1.0"?><Error><Code>${fault.code}</Code></Error>`,
      )
    })
    return
  }
  const { hostname, port } = upstream
  const onward = send({
    hostname,
    port,
    method: request.method,
    path: request.url,
    headers: request.headers,
  })
  onward.on('error', () => request.socket.destroy())
  let sent = 0
  request.on('data', (chunk: Buffer) => {
    onward.write(flipped(chunk, sent, fault?.kind === 'flip-request' ? fault.atByte : undefined))
    sent += chunk.length
    if (fault?.kind === 'cut-request' && sent >= fault.afterBytes) {
      onward.destroy()
      request.socket.destroy()
    }
  })
  request.on('end', () => onward.end())
  onward.on('response', async (answer) => {
    if (fault?.kind === 'delay-answer') await sleep(fault.delayMs)
    if (fault?.kind === 'lose-answer') {
      answer.resume()
      answer.on('end', () => request.socket.destroy())
      return
    }
    if (fault?.kind === 'drop-header') delete answer.headers[fault.name]
    response.writeHead(answer.statusCode ?? 500, answer.headers)
    let received = 0
    answer.on('data', (chunk: Buffer) => {
      response.write(
        flipped(chunk, received, fault?.kind === 'flip-answer' ? fault.atByte : undefined),
      )
      received += chunk.length
      if (fault?.kind === 'cut-answer' && received >= fault.afterBytes) request.socket.destroy()
    })
    answer.on('end', () => response.end())
  })
}

function flipped(chunk: Buffer, before: number, at: number | undefined): Buffer {
  if (at === undefined || at < before || at >= before + chunk.length) return chunk
  const copy = Buffer.from(chunk)
  copy[at - before] = (copy[at - before] ?? 0) ^ 1
  return copy
}
