import type { HttpAnswer } from './http-answer.ts'
import { transportAnswers } from './http-answer.ts'
import { type BytesHost, type HttpOptions, resolveHttpOptions } from './http-options.ts'
import { refuse, toHttpAnswer } from './node-listener.ts'
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
    if (route === 'unknown') return respond(transportAnswers.notFound)
    if (route === 'wrong-method') return respond(transportAnswers.methodNotAllowed('POST'))
    if (route !== 'function') {
      const healthy = route === 'live' || !host.stats().closing
      return respond({
        status: healthy ? 200 : 503,
        body: healthy ? '{"status":"ok"}' : '{"status":"closing"}',
      })
    }
    const header = (name: string) => request.headers.get(name) ?? undefined
    const refusal = await refuse(
      settings,
      header('authorization'),
      header('content-type'),
      header('content-encoding'),
      header('content-length'),
    )
    if (refusal !== undefined) return respond(refusal)
    const body = await readWebBody(request, settings.maxBodyBytes)
    if (body === 'too-large') return respond(transportAnswers.tooLarge(settings.maxBodyBytes))
    if (body === 'broken') return respond(transportAnswers.lengthMissing)
    const result = await host.invokeBytes(body, {
      signal: request.signal,
      traceId: header('traceid'),
      traceparent: header('traceparent'),
    })
    return respond(toHttpAnswer(result, settings))
  }
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

function respond({ status, body, headers }: HttpAnswer): Response {
  return new Response(body as string | Uint8Array<ArrayBuffer>, {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  })
}
