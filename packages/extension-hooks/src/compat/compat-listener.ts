import type { HookHost } from '../hook-host.ts'
import { authorizeTokens, type Verdict } from '../http/authorize.ts'
import { type HttpAnswer, tooLarge } from '../http/http-answer.ts'
import type { HttpSettings } from '../http/http-options.ts'
import {
  callHost,
  type Exchange,
  type HookListener,
  listenWith,
  refuse,
  sendAnswer,
} from '../http/node-listener.ts'
import { readBody } from '../http/read-body.ts'
import type { CompatServerConfiguration } from './compat-configuration.ts'

/** What the listener needs of the server around it. */
export interface CompatListenerOptions {
  readonly host: HookHost
  readonly config: CompatServerConfiguration
  readonly stopServer: () => void
  readonly countConnections: () => Promise<number>
}

/** The original host's fixed limit. */
const MAX_BODY_BYTES = 50 * 1024 * 1024
/** When the original host announces that it is still working: before a balancer's 300 s. */
const PROCESSING_AFTER_MS = 270_000

/** The routes of the original host over the listener of `/http`. */
export function createCompatListener(options: CompatListenerOptions): HookListener {
  const { host, config } = options
  const tokens =
    typeof config.systemToken === 'string' ? [config.systemToken] : (config.systemToken ?? [])
  const settings: HttpSettings = {
    authorize: authorizeTokens(tokens),
    maxBodyBytes: MAX_BODY_BYTES,
    serverTiming: false,
    challenge: 'invalid system token',
    otherContent: 'empty-call',
    processingAfterMs: PROCESSING_AFTER_MS,
  }
  const original = config.preset === 'original'
  const state = { terminating: false }
  const call = listenWith(host, settings)
  return (request, response) => {
    const { path, query } = splitUrl(request.url ?? '/')
    const reads = request.method === 'GET' || request.method === 'HEAD'
    if (reads && (path === '/' || path === '/healthcheck'))
      sendAnswer(response, json(200, { success: true }))
    else if (reads && (path === '/livez' || path === '/readyz')) {
      const healthy = !state.terminating && !host.stats().closing
      sendAnswer(response, healthy ? text(200, 'OK') : text(503, 'Terminating'))
    } else if (original && reads && (path === '/openconnections' || path === '/stopserver')) {
      void administrate(options, state, path, query).then((answer) => sendAnswer(response, answer))
    } else if (
      original &&
      request.method === 'POST' &&
      path === '/function' &&
      !request.headers.authorization
    ) {
      callWithTokenElsewhere({ host, settings, request, response }, query)
    } else call(request, response)
  }
}

/** `/openConnections` and `/stopServer`, without a token as they were; the process goes on. */
async function administrate(
  { stopServer, countConnections }: CompatListenerOptions,
  state: { terminating: boolean },
  path: string,
  query: URLSearchParams,
): Promise<HttpAnswer> {
  const others = Math.max(0, (await countConnections()) - 1)
  if (path === '/openconnections') {
    if (query.get('terminate') === 'true') state.terminating = true
    return text(200, String(others))
  }
  if (others > 1) {
    return json(422, {
      errors: [
        { code: 'connections_still_open', message: `${others} connections are still open.` },
      ],
    })
  }
  stopServer()
  return text(200, 'preparing to shut down.')
}

/** The token stands in the body or in the query, so the body is read before anybody knows who sent it. */
function callWithTokenElsewhere(exchange: Exchange, query: URLSearchParams): void {
  const { request, response, settings } = exchange
  readBody(request, MAX_BODY_BYTES, (body) => {
    if (body === 'too-large') {
      sendAnswer(response, tooLarge(MAX_BODY_BYTES))
      return
    }
    const token = accessToken(body) ?? query.get('access_token')
    // A list of tokens is checked at once; only a function would have to be waited for.
    const verdict = settings.authorize(`Bearer ${String(token)}`) as Verdict
    const refusal = refuse(settings, verdict, request)
    if (refusal === undefined) callHost(exchange, body)
    else sendAnswer(response, refusal)
  })
}

function accessToken(body: Buffer): unknown {
  try {
    return (
      (JSON.parse(body.toString()) as { access_token?: unknown } | null)?.access_token || undefined
    )
  } catch {
    return undefined
  }
}

function splitUrl(url: string): { path: string; query: URLSearchParams } {
  const [path = '', query] = url.split('?', 2)
  return { path: path.toLowerCase().replace(/(?<=.)\/$/, ''), query: new URLSearchParams(query) }
}

function json(status: number, body: unknown): HttpAnswer {
  return { status, body: JSON.stringify(body) }
}

function text(status: number, body: string): HttpAnswer {
  return { status, body, headers: { 'content-type': 'text/plain; charset=utf-8' } }
}
