import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What an API saw of one request. */
export interface SeenRequest {
  method: string
  url: string
  headers: IncomingHttpHeaders
  body: string
}

/** How an API answers one request. */
export interface ApiAnswer {
  status?: number
  headers?: Record<string, string>
  body?: unknown
  /** Breaks the connection instead. */
  hangUp?: boolean
}

/** A real HTTP server on the loopback interface; ends with `await using`. */
export async function startApi(answer: (request: SeenRequest) => ApiAnswer | Promise<ApiAnswer>) {
  const seen: SeenRequest[] = []
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', async () => {
      const request = {
        method: incoming.method ?? '',
        url: incoming.url ?? '',
        headers: incoming.headers,
        body: Buffer.concat(chunks).toString(),
      }
      seen.push(request)
      const { status = 200, headers = {}, body, hangUp } = await answer(request)
      if (hangUp) return incoming.socket.destroy()
      const text = typeof body === 'string' ? body : JSON.stringify(body ?? {})
      outgoing.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    seen,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
