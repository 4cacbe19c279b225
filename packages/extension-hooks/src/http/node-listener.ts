import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HookAnswer } from '../hook-host.ts'
import { type HttpAnswer, transportAnswers } from './http-answer.ts'
import {
  type BytesHost,
  type HttpOptions,
  type HttpSettings,
  resolveHttpOptions,
} from './http-options.ts'
import { readBody } from './read-body.ts'
import { isJson, routeOf } from './routes.ts'
import { serverTiming } from './server-timing.ts'

/** A `request` listener of `node:http` and `node:https`. Never throws, never rejects. */
export type HookListener = (request: IncomingMessage, response: ServerResponse) => void

/**
 * Serves a host on a Node.js server. The token is checked before a byte of the body is read.
 * @throws {TypeError} when an option cannot work; the message names it
 */
export function createHookListener(host: BytesHost, options: HttpOptions): HookListener {
  const settings = resolveHttpOptions(options)
  return (request, response) => {
    answer(host, settings, request, response).catch(() => {
      // Only a broken connection comes here: nobody is left to be answered.
      response.destroy()
    })
  }
}

async function answer(
  host: BytesHost,
  settings: HttpSettings,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const route = routeOf(request.method, request.url ?? '/')
  if (route === 'function') return callFunction(host, settings, request, response)
  request.resume()
  if (route === 'live' || route === 'ready')
    return probe(response, route === 'live' || !host.stats().closing)
  if (route === 'wrong-method') {
    return send(
      response,
      transportAnswers.methodNotAllowed(
        request.url?.toLowerCase().startsWith('/function') ? 'POST' : 'GET',
      ),
    )
  }
  send(response, transportAnswers.notFound)
}

async function callFunction(
  host: BytesHost,
  settings: HttpSettings,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { headers } = request
  const refusal = await refuse(
    settings,
    headers.authorization,
    headers['content-type'],
    headers['content-encoding'],
    headers['content-length'],
  )
  if (refusal !== undefined) return turnAway(request, response, refusal)
  const body = await readBody(request, settings.maxBodyBytes)
  if (body === 'too-large')
    return turnAway(request, response, transportAnswers.tooLarge(settings.maxBodyBytes))
  if (body === 'broken') return void response.destroy()

  const caller = new AbortController()
  const leave = () => caller.abort()
  response.once('close', leave)
  const result = await host.invokeBytes(body, {
    signal: caller.signal,
    traceId: headerText(headers.traceid),
    traceparent: headerText(headers.traceparent),
  })
  response.off('close', leave)
  if (!response.destroyed) send(response, toHttpAnswer(result, settings))
}

/** Everything that can be said before the body is read. */
export async function refuse(
  settings: HttpSettings,
  authorization: string | undefined,
  contentType: string | undefined,
  contentEncoding: string | undefined,
  contentLength: string | undefined,
): Promise<HttpAnswer | undefined> {
  let allowed: boolean
  try {
    const decision = settings.authorize(authorization)
    allowed = (typeof decision === 'boolean' ? decision : await decision) === true
  } catch {
    return transportAnswers.authorizationFailed
  }
  if (!allowed) return transportAnswers.unauthorized
  if (!isJson(contentType) || (contentEncoding !== undefined && contentEncoding !== 'identity'))
    return transportAnswers.notJson
  if (Number(contentLength) > settings.maxBodyBytes)
    return transportAnswers.tooLarge(settings.maxBodyBytes)
  return undefined
}

/** A host's answer with its headers. */
export function toHttpAnswer(result: HookAnswer, settings: HttpSettings): HttpAnswer {
  const headers: Record<string, string> = {}
  if (settings.serverTiming) headers['server-timing'] = serverTiming(result.report)
  if (result.retryAfterMs !== undefined)
    headers['retry-after'] = String(Math.ceil(result.retryAfterMs / 1000))
  return { status: result.status, body: result.body, headers }
}

/** Answers and drops the connection, so that an unwanted body is neither read nor waited for. */
function turnAway(request: IncomingMessage, response: ServerResponse, refusal: HttpAnswer): void {
  const unread = !request.complete
  send(
    response,
    unread ? { ...refusal, headers: { ...refusal.headers, connection: 'close' } } : refusal,
  )
}

function probe(response: ServerResponse, healthy: boolean): void {
  send(response, {
    status: healthy ? 200 : 503,
    body: healthy ? '{"status":"ok"}' : '{"status":"closing"}',
  })
}

function send(response: ServerResponse, { status, body, headers }: HttpAnswer): void {
  const bytes = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': bytes,
    ...headers,
  })
  response.end(body)
}

function headerText(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0]
}
