// One server of the bench, in a process of its own, so that its CPU time and memory are its own.
// Usage: node bench/server.ts ours|bare|original. Talks to the bench over IPC.
import { randomBytes } from 'node:crypto'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import type * as Http from '../src/http/index.ts'
import type * as Hooks from '../src/index.ts'
import { type Order, TOKEN, touch } from './workload.ts'

const require = createRequire(import.meta.url)
const load = <T>(path: string) =>
  import(new URL(`../dist/${path}.mjs`, import.meta.url).href) as Promise<T>

/** The limit: what any server must do to answer a page. */
const bare: RequestListener = (request, response) => {
  if (request.url === '/livez') return void response.end('{}')
  if (request.headers.authorization !== `Bearer ${TOKEN}`) return void response.writeHead(401).end()
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const { options } = JSON.parse(Buffer.concat(chunks).toString()) as {
      options: { data: Order[] }
    }
    const body = JSON.stringify(options.data.map((record) => ({ data: touch(record) })))
    response.writeHead(200, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(body),
    })
    response.end(body)
  })
}

async function ours(): Promise<RequestListener> {
  const { createHookHost, preMap } = await load<typeof Hooks>('index')
  const { createHookListener } = await load<typeof Http>('http/index')
  const page = preMap<Order>(({ data }) => data.map((record) => ({ data: touch(record) })))
  return createHookListener(createHookHost({ diy: { hooks: { page } } }), { tokens: TOKEN })
}

/** The part of Express that the original's package uses. */
interface App extends RequestListener {
  use: (...handlers: unknown[]) => void
  get: (path: string, handler: Handler) => void
  post: (path: string, ...handlers: Handler[]) => void
}
type Express = (() => App) & { json: (options: { limit: string }) => unknown }
type Handler = (request: Request, response: Response, next: () => void) => void
interface Request {
  path: string
  headers: { authorization?: string; traceid?: string }
  body: { options: unknown; traceId?: string | undefined; _reqId?: string }
}
interface Response {
  status: (code: number) => Response
  json: (value: unknown) => void
  sendStatus: (code: number) => void
  writeProcessing: () => void
}
interface Original {
  loadConfiguration: (configuration: object, callback: () => void) => void
  callFunction: (
    options: unknown,
    call: unknown,
    callback: (error: { statusCode: number; errors: unknown } | null, result: unknown) => void,
  ) => void
}

/**
 * As its Express package hosts it: a 50 MB JSON parser, two log lines a call (one by winston through express-winston,
 * one by the package), its seven routes, the token, an id a request, and a timer that announces long calls.
 */
function original(): RequestListener {
  const express = require('express') as Express
  const expressWinston = require('express-winston') as Record<
    'logger' | 'errorLogger',
    (options: object) => unknown
  >
  const extension = new (require('integrator-extension') as new () => Original)()
  const page = (options: { data: Order[] }, callback: (error: null, result: unknown) => void) =>
    callback(
      null,
      options.data.map((record) => ({ data: touch(record) })),
    )
  extension.loadConfiguration({ diy: { hooks: { page } } }, () => undefined)
  const app = express()
  app.use(express.json({ limit: '50mb' }))
  const line =
    'logName=reqFinished, method={{req.method}}, url={{req.url}}, statusCode={{res.statusCode}}, responseTime={{res.responseTime}}ms'
  const log = {
    winstonInstance: require('winston'),
    ignoreRoute: ({ path }: Request) => path === '/livez' || path === '/readyz',
    msg: `${line}{{req.url === "/function" ? ", _reqId=" + req.body._reqId : ""}}, traceId={{req.body.traceId}}`,
    meta: false,
  }
  app.use(expressWinston.logger(log))
  app.use(expressWinston.errorLogger(log))
  const healthy: Handler = (_request, response) => response.json({ success: true })
  const alive: Handler = (_request, response) => response.sendStatus(200)
  app.get('/', healthy)
  app.get('/healthCheck', healthy)
  app.get('/livez', alive)
  app.get('/readyz', alive)
  app.post('/function', authenticate, (request, response) => {
    const { body, headers } = request
    body.traceId = headers.traceid
    body._reqId = Date.now() + randomBytes(2).toString('hex')
    const announce = setTimeout(() => response.writeProcessing(), 270_000)
    extension.callFunction(body.options, body, (error, result) => {
      clearTimeout(announce)
      if (error) response.status(error.statusCode).json({ errors: error.errors })
      else response.json(result)
    })
  })
  return app
}

const authenticate: Handler = ({ headers }, response, next) => {
  const [scheme, token] = (headers.authorization ?? '').split(' ')
  if (/^Bearer$/i.test(scheme ?? '') && token === TOKEN) next()
  else response.status(401).json({ errors: [] })
}

const listener = { bare: async () => bare, ours, original: async () => original() }[
  process.argv[2] as 'ours'
]
const server: Server = createServer(await listener())
server.listen(0, '127.0.0.1', () =>
  process.send?.({ port: (server.address() as AddressInfo).port }),
)
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.({
    cpuMs: (user + system) / 1000,
    maxRssMiB: process.resourceUsage().maxRSS / 1024,
  })
})
process.on('disconnect', () => process.exit())
