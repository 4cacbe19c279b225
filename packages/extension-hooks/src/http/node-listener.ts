import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HookAnswer, InvokeOptions } from '../hook-result.ts'
import type { Verdict } from './authorize.ts'
import {
  answerRoute,
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
import { readBody } from './read-body.ts'
import { isJson, routeOf } from './routes.ts'

/** What a body that is no call counts as where such bodies are let through. */
const EMPTY_CALL = Buffer.from('{}')

/** A `request` listener of `node:http` and `node:https`. Never throws, never rejects. */
export type HookListener = (request: IncomingMessage, response: ServerResponse) => void

/**
 * Serves a host on a Node.js server. The token is checked before a byte of the body is read.
 * @throws {TypeError} when an option cannot work; the message names it
 */
export function createHookListener(host: BytesHost, options: HttpOptions): HookListener {
  return listenWith(host, resolveHttpOptions(options))
}

/** The listener for settings that are already checked. */
export function listenWith(host: BytesHost, settings: HttpSettings): HookListener {
  return (request, response) => {
    const route = routeOf(request.method, request.url ?? '/')
    if (route !== 'function') {
      turnAway(request, response, answerRoute(route, host.stats().closing))
      return
    }
    const verdict = settings.authorize(request.headers.authorization)
    if (verdict instanceof Promise) {
      // Cannot reject: authorize turns every failure into a verdict.
      void verdict.then((decided) => callFunction(host, settings, request, response, decided))
    } else callFunction(host, settings, request, response, verdict)
  }
}

function callFunction(
  host: BytesHost,
  settings: HttpSettings,
  request: IncomingMessage,
  response: ServerResponse,
  verdict: Verdict,
): void {
  const refusal = refuse(settings, verdict, request)
  if (refusal !== undefined) {
    turnAway(request, response, refusal)
    return
  }
  readBody(request, settings.maxBodyBytes, (body) => {
    if (body === 'too-large') turnAway(request, response, tooLarge(settings.maxBodyBytes))
    else callHost({ host, settings, request, response }, body)
  })
}

/** Everything that can be said against a request before its body is read. */
export function refuse(
  settings: HttpSettings,
  verdict: Verdict,
  { headers }: IncomingMessage,
): HttpAnswer | undefined {
  return refuseRequest(settings, verdict, {
    contentType: headers['content-type'],
    contentEncoding: headers['content-encoding'],
    contentLength: headers['content-length'],
  })
}

/** One request on its way. */
export interface Exchange {
  readonly host: BytesHost
  readonly settings: HttpSettings
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

/** Hands the body to the host and its answer to the caller. */
export function callHost({ host, settings, request, response }: Exchange, body: Buffer): void {
  const isCall =
    settings.otherContent === 'refuse' ||
    (body.length > 0 && isJson(request.headers['content-type']))
  const respond = (answer: HookAnswer) => {
    if (response.destroyed) return
    send(response, toHttpAnswer(answer, settings), answer.report.bytesOut)
  }
  // Neither throws nor rejects: a host answers whatever happens.
  const answer = host.invokeBytes(isCall ? body : EMPTY_CALL, new Caller(request, response))
  if (answer instanceof Promise) void announceLongCall(settings, response, answer).then(respond)
  else respond(answer)
}

/** Keeps balancers that count idle seconds patient, as the original host does. */
function announceLongCall(
  { processingAfterMs }: HttpSettings,
  response: ServerResponse,
  answer: Promise<HookAnswer>,
): Promise<HookAnswer> {
  if (processingAfterMs === undefined) return answer
  const timer = setTimeout(() => response.writeProcessing(), processingAfterMs)
  return answer.finally(() => clearTimeout(timer))
}

/** What the host may ask about the request. The signal is made when it asks, which most calls never do. */
class Caller implements InvokeOptions {
  readonly traceId: string | undefined
  readonly traceparent: string | undefined
  readonly #response: ServerResponse
  #signal: AbortSignal | undefined

  constructor({ headers }: IncomingMessage, response: ServerResponse) {
    this.traceId = firstOf(headers.traceid)
    this.traceparent = firstOf(headers.traceparent)
    this.#response = response
  }

  get signal(): AbortSignal {
    if (this.#signal === undefined) {
      const controller = new AbortController()
      this.#signal = controller.signal
      if (this.#response.destroyed) controller.abort()
      else this.#response.once('close', () => controller.abort())
    }
    return this.#signal
  }
}

/** Sends an answer that is not a host's. */
export function sendAnswer(response: ServerResponse, answer: HttpAnswer): void {
  const { body } = answer
  send(response, answer, typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength)
}

/** Answers without the body: one that was not read to its end takes the connection with it. */
function turnAway(request: IncomingMessage, response: ServerResponse, answer: HttpAnswer): void {
  const { headers } = request
  const hasBody =
    headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined
  if (hasBody && !request.complete) linger(request, response, answer)
  else sendAnswer(response, answer)
}

/**
 * Sends the whole answer, then holds the connection for a moment and throws away a little of what still comes. A
 * connection that is cut while its peer sends takes the answer with it, and a wrong token would look like a broken
 * network.
 */
function linger(request: IncomingMessage, response: ServerResponse, answer: HttpAnswer): void {
  const { body, headers } = answer
  const bytes = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength
  response.writeHead(answer.status, headersOf(bytes, { ...headers, connection: 'close' }))
  response.write(body)
  let left = LINGER_BYTES
  const timer = setTimeout(() => response.end(), LINGER_MS)
  request.on('data', (chunk: Buffer) => {
    left -= chunk.length
    if (left < 0) request.pause()
  })
  request.once('end', () => response.end())
  response.once('close', () => clearTimeout(timer))
  request.resume()
}

/** How long, and how many bytes, a sender is listened to that was answered already. */
const LINGER_MS = 500
const LINGER_BYTES = 1024 * 1024

function send(
  response: ServerResponse,
  { status, body, headers }: HttpAnswer,
  bytes: number,
): void {
  response.writeHead(status, headersOf(bytes, headers))
  response.end(body)
}

function headersOf(
  bytes: number,
  headers?: Readonly<Record<string, string>>,
): Record<string, string | number> {
  return { 'content-type': 'application/json; charset=utf-8', 'content-length': bytes, ...headers }
}

function firstOf(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0]
}
