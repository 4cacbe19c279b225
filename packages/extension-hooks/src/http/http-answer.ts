import type { HookAnswer } from '../hook-result.ts'
import type { Verdict } from './authorize.ts'
import type { HttpSettings } from './http-options.ts'
import { isJson, type Route } from './routes.ts'
import { serverTiming } from './server-timing.ts'

/** What goes back over HTTP: always JSON, never a stack. */
export interface HttpAnswer {
  readonly status: number
  readonly body: string | Uint8Array
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** What a request says about its body before it arrives. */
export interface BodyHeaders {
  readonly contentType: string | undefined
  readonly contentEncoding: string | undefined
  readonly contentLength: string | undefined
}

const unavailable = failure(503, 'authorization_unavailable', 'The token could not be checked.', {
  'retry-after': '1',
})
const notFound = failure(
  404,
  'not_found',
  'There is nothing here. Functions are called with POST /function.',
)
const notJson = failure(
  415,
  'unsupported_media_type',
  'Send the call as application/json, uncompressed.',
)

/** The answer to a body that broke off. */
export const brokenBody: HttpAnswer = failure(400, 'invalid_body', 'The request body broke off.')

/** The answer to a body beyond the limit. */
export function tooLarge(maxBytes: number): HttpAnswer {
  const message = `The request body exceeded the limit of ${maxBytes} bytes.`
  return failure(413, 'request_too_large', message)
}

/** Everything that is said without the host: probes and wrong addresses. */
export function answerRoute(route: Exclude<Route, 'function'>, closing: boolean): HttpAnswer {
  if (route === 'live') return { status: 200, body: '{"status":"ok"}' }
  if (route === 'ready') {
    return closing
      ? { status: 503, body: '{"status":"closing"}' }
      : { status: 200, body: '{"status":"ok"}' }
  }
  if (route === 'unknown') return notFound
  const allow = route === 'function-wrong-method' ? 'POST' : 'GET, HEAD'
  return failure(405, 'method_not_allowed', `Use ${allow} here.`, { allow })
}

/** Everything that can be said before the body is read; `undefined` when it may be. */
export function refuseRequest(
  settings: HttpSettings,
  verdict: Verdict,
  body: BodyHeaders,
): HttpAnswer | undefined {
  if (verdict === 'unavailable') return unavailable
  if (verdict === 'denied') {
    const challenge = { 'www-authenticate': settings.challenge }
    return failure(401, 'unauthorized', 'Invalid system token.', challenge)
  }
  const encoded = body.contentEncoding !== undefined && body.contentEncoding !== 'identity'
  if (settings.otherContent === 'refuse' && (encoded || !isJson(body.contentType))) return notJson
  return Number(body.contentLength) > settings.maxBodyBytes
    ? tooLarge(settings.maxBodyBytes)
    : undefined
}

/** A host's answer with its headers. */
export function toHttpAnswer(answer: HookAnswer, settings: HttpSettings): HttpAnswer {
  const { status, body, retryAfterMs, report } = answer
  if (!settings.serverTiming && retryAfterMs === undefined) return { status, body }
  const headers: Record<string, string> = {}
  if (settings.serverTiming) headers['server-timing'] = serverTiming(report)
  if (retryAfterMs !== undefined) headers['retry-after'] = String(Math.ceil(retryAfterMs / 1000))
  return { status, body, headers }
}

function failure(
  status: number,
  code: string,
  message: string,
  headers?: Record<string, string>,
): HttpAnswer {
  return { status, body: JSON.stringify({ errors: [{ code, message }] }), headers }
}
