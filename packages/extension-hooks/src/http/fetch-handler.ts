import {
  answerRoute,
  brokenBody,
  type HttpAnswer,
  refuseRequest,
  toHttpAnswer,
  tooLarge,
} from './http-answer.ts'
import {
  type BytesHost,
  type HttpOptions,
  type HttpSettings,
  resolveHttpOptions,
} from './http-options.ts'
import { routeOf } from './routes.ts'

/** Answers a Web `Request`: Hono, Next.js, Fastify and Express adapters, Cloud Run. Never rejects. */
export type HookFetchHandler = (request: Request) => Promise<Response>

/**
 * Serves a host to anything that speaks `Request` and `Response`. The token is checked before the body is read.
 * @throws {TypeError} when an option cannot work; the message names it
 */
export function createHookFetchHandler(host: BytesHost, options: HttpOptions): HookFetchHandler {
  const settings = resolveHttpOptions(options)
  return async (request) => {
    const route = routeOf(request.method, new URL(request.url).pathname)
    const answer =
      route === 'function'
        ? await callFunction(host, settings, request)
        : answerRoute(route, host.stats().closing)
    return new Response(answer.body as string | Uint8Array<ArrayBuffer>, {
      status: answer.status,
      headers: { 'content-type': 'application/json; charset=utf-8', ...answer.headers },
    })
  }
}

async function callFunction(
  host: BytesHost,
  settings: HttpSettings,
  request: Request,
): Promise<HttpAnswer> {
  const header = (name: string) => request.headers.get(name) ?? undefined
  const refusal = refuseRequest(settings, await settings.authorize(header('authorization')), {
    contentType: header('content-type'),
    contentEncoding: header('content-encoding'),
    contentLength: header('content-length'),
  })
  if (refusal !== undefined) return refusal
  const body = await readWebBody(request, settings.maxBodyBytes)
  if (body === 'too-large') return tooLarge(settings.maxBodyBytes)
  if (body === 'broken') return brokenBody
  const answer = await host.invokeBytes(body, {
    signal: request.signal,
    traceId: header('traceid'),
    traceparent: header('traceparent'),
  })
  return toHttpAnswer(answer, settings)
}

async function readWebBody(
  request: Request,
  maxBytes: number,
): Promise<Uint8Array | 'too-large' | 'broken'> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of request.body ?? []) {
      size += chunk.byteLength
      if (size > maxBytes) return 'too-large'
      chunks.push(chunk)
    }
  } catch {
    return 'broken'
  }
  return Buffer.concat(chunks, size)
}
