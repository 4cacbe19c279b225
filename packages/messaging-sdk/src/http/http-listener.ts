import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { createHttpRoutes, type HttpRouteOptions } from '../http-routes.ts'
import type { IntegrationService } from '../integration-service.ts'

/** How the service meets `node:http`. */
export type HttpListenerOptions = HttpRouteOptions<IncomingMessage>

/**
 * A listener for `http.createServer`, Express or anything of the kind, with the paths of
 * `createFetchHandler`. It needs the raw body: put no body parser in front.
 */
export function createHttpListener(
  services: IntegrationService | readonly IntegrationService[],
  options: HttpListenerOptions = {},
): RequestListener {
  const route = createHttpRoutes(services, options)
  return (request, response) => {
    void respond(request, response, route)
  }
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  route: ReturnType<typeof createHttpRoutes<IncomingMessage>>,
): Promise<void> {
  const { status, headers, body } = await route({
    method: request.method ?? 'GET',
    origin: originOf(request),
    target: request.url ?? '/',
    headers: request.headers,
    readBody: (maxBytes) => readBody(request, maxBytes),
    signal: () => signalOf(response),
    native: request,
  })
  // What was not read would hold the connection up: it ends with this answer.
  const rest = request.readableEnded ? {} : { connection: 'close' }
  response.writeHead(status, {
    ...headers,
    'content-length': Buffer.byteLength(body ?? ''),
    ...rest,
  })
  response.end(body)
  if (!request.readableEnded) response.once('finish', () => linger(request))
}

/** Aborted when the caller hangs up before the answer is written. */
function signalOf(response: ServerResponse): AbortSignal {
  const gone = new AbortController()
  response.on('close', () => {
    if (!response.writableFinished) gone.abort()
  })
  return gone.signal
}

/** For so long what is still coming is thrown away: a connection that is reset at once may lose the answer. */
const LINGER_MS = 500

function linger(request: IncomingMessage): void {
  request.resume()
  setTimeout(() => request.destroy(), LINGER_MS).unref()
}

function originOf(request: IncomingMessage): string {
  const scheme = 'encrypted' in request.socket ? 'https' : 'http'
  return `${scheme}://${request.headers.host ?? 'localhost'}`
}

function readBody(request: IncomingMessage, maxBytes: number): Promise<Uint8Array | undefined> {
  return new Promise((resolve) => {
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) return resolve(undefined)
    const pieces: Buffer[] = []
    let bytes = 0
    request.on('data', (piece: Buffer) => {
      bytes += piece.length
      if (bytes <= maxBytes) {
        pieces.push(piece)
        return
      }
      request.pause()
      resolve(undefined)
    })
    request.on('end', () => {
      const [only] = pieces
      resolve(only && pieces.length === 1 ? only : Buffer.concat(pieces))
    })
    request.on('error', () => resolve(undefined)) // the caller hung up: nobody reads the answer
  })
}
