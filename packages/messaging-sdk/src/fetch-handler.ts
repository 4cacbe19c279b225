import { createHttpRoutes, type HttpRouteOptions } from './http-routes.ts'
import type { IntegrationService } from './integration-service.ts'

/** How the service meets HTTP. */
export type FetchHandlerOptions = HttpRouteOptions<Request>

/** A web-standard handler: runs on anything that speaks `Request` and `Response`. */
export type FetchHandler = (request: Request) => Promise<Response>

/**
 * Paths: `POST /webhook`, `POST /webhook/:channelId` and `POST /:channelId` receive; the same by GET answer
 * challenges; `POST /send`, `GET /health`, `GET /status`, `POST /validate` are for `authenticate`d callers.
 * Several services: each below its integration's name (`/whatsapp/webhook`).
 */
export function createFetchHandler(
  services: IntegrationService | readonly IntegrationService[],
  options: FetchHandlerOptions = {},
): FetchHandler {
  const route = createHttpRoutes(services, options)
  return async (request) => {
    const pathStart = request.url.indexOf('/', request.url.indexOf('://') + '://'.length)
    const { status, headers, body } = await route({
      method: request.method,
      origin: request.url.slice(0, pathStart),
      target: request.url.slice(pathStart),
      headers: request.headers,
      readBody: (maxBytes) => readBody(request, maxBytes),
      signal: () => request.signal,
      native: request,
    })
    return new Response(body ?? null, { status, ...(headers && { headers }) })
  }
}

async function readBody(request: Request, maxBytes: number): Promise<Uint8Array | undefined> {
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) return undefined
  if (!request.body) return new Uint8Array()
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of request.body) {
    bytes += piece.byteLength
    if (bytes > maxBytes) return undefined
    pieces.push(piece)
  }
  return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces)
}
