import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream as NodeReadableStream } from 'node:stream/web'
import { type LoopbackServer, listen } from './world/listen.ts'

/** A web-standard handler, as every door of the packages gives one. */
export type FetchHandler = (request: Request) => Promise<Response>

/** One loopback server whose paths are given to handlers by their first word: `/webhook/…`, `/files/…`. */
export interface DemoServer extends LoopbackServer {
  mount: (word: string, handler: FetchHandler) => void
}

/** Starts the server; handlers are mounted once its address is known. */
export async function startServer(): Promise<DemoServer> {
  const handlers = new Map<string, FetchHandler>()
  const server = await listen(async (incoming, outgoing) => {
    const handler = handlers.get(incoming.url?.split('/')[1] ?? '')
    const answer = (await handler?.(toRequest(incoming))) ?? new Response(null, { status: 404 })
    outgoing.writeHead(answer.status, Object.fromEntries(answer.headers))
    const body = answer.body ?? new Response('').body
    await pipeline(Readable.fromWeb(body as NodeReadableStream), outgoing).catch(() => {}) // the client left
  })
  return { ...server, mount: (word, handler) => void handlers.set(word, handler) }
}

function toRequest(incoming: IncomingMessage): Request {
  const { method = 'GET', headers, url } = incoming
  const hasBody = method !== 'GET' && method !== 'HEAD'
  return new Request(`http://${headers.host}${url}`, {
    method,
    headers: Object.entries(headers).map(([name, value]) => [name, String(value)]),
    ...(hasBody && { body: Readable.toWeb(incoming), duplex: 'half' }),
  })
}
