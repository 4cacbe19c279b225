import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream as NodeReadableStream } from 'node:stream/web'
import { type ListenOptions, type LoopbackServer, listen } from './world/listen.ts'

/** A web-standard handler, as every door of the packages gives one. */
export type FetchHandler = (request: Request) => Promise<Response>

/** One server whose paths are given to handlers by their first word: `/hooks/…`, `/files/…`. */
export interface DemoServer extends LoopbackServer {
  mount: (word: string, handler: FetchHandler) => void
}

/** Starts the server; handlers are mounted once its address is known. */
export async function startServer(options: ListenOptions = {}): Promise<DemoServer> {
  const handlers = new Map<string, FetchHandler>()
  const server = await listen((incoming, outgoing) => {
    const handler = handlers.get(incoming.url?.split('/')[1] ?? '')
    answer(incoming, handler)
      .then((response) => write(response, outgoing))
      .catch(() => outgoing.destroy()) // the client left
  }, options)
  return { ...server, mount: (word, handler) => void handlers.set(word, handler) }
}

async function answer(incoming: IncomingMessage, handler?: FetchHandler): Promise<Response> {
  const request = toRequest(incoming)
  if (!request) return new Response(null, { status: 400 })
  return (await handler?.(request)) ?? new Response(null, { status: 404 })
}

async function write(response: Response, outgoing: ServerResponse): Promise<void> {
  outgoing.writeHead(response.status, Object.fromEntries(response.headers))
  outgoing.flushHeaders()
  const body = response.body ?? new Response('').body
  await pipeline(Readable.fromWeb(body as NodeReadableStream), outgoing)
}

/** `undefined` for what is no request: an address that cannot be read, a method that does not exist here. */
function toRequest(incoming: IncomingMessage): Request | undefined {
  const { method = 'GET', headers, url } = incoming
  const hasBody = method !== 'GET' && method !== 'HEAD'
  try {
    return new Request(`http://${headers.host}${url}`, {
      method,
      headers: Object.entries(headers).map(([name, value]) => [name, String(value)]),
      ...(hasBody && { body: Readable.toWeb(incoming), duplex: 'half' }),
    })
  } catch {
    return undefined
  }
}
