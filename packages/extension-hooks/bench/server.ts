// One server of the bench, in a process of its own, so that its CPU time and memory are its own.
// Usage: node bench/server.ts ours|bare|original|worker. Talks to the bench over IPC.
import { randomBytes } from 'node:crypto'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import type * as Http from '../src/http/index.ts'
import type * as Hooks from '../src/index.ts'
import { type Order, TOKEN, touch } from './workload.ts'

const require = createRequire(import.meta.url)
const load = <T>(path: string) =>
  import(new URL(`../dist/${path}.js`, import.meta.url).href) as Promise<T>

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
  post: (path: string, handler: Handler) => void
}
interface Winston {
  Logger: new (options: object) => object
  transports: { Console: new () => object }
}
type Express = (() => App) & { json: (options: { limit: string }) => unknown }
type Handler = (request: Request, response: Response, next: () => void) => void
interface Request {
  method: string
  url: string
  requestId?: string
  headers: { authorization?: string }
  body: { options: unknown }
}
interface Response {
  statusCode: number
  on: (event: string, listener: () => void) => void
  status: (code: number) => Response
  json: (value: unknown) => void
  send: (text: string) => void
}

/** As its Express package hosts it: a 50 MB JSON parser, then the token, and two log lines a call, one of them by express-winston. */
function original(): RequestListener {
  const express = require('express') as Express
  const expressWinston = require('express-winston') as Record<
    'logger' | 'errorLogger',
    (options: object) => unknown
  >
  const { Logger, transports } = require('winston') as Winston
  const Extension = require('integrator-extension') as new () => {
    loadConfiguration: (configuration: object, callback: () => void) => void
    callFunction: (
      options: unknown,
      call: unknown,
      callback: (error: { statusCode: number; errors: unknown } | null, result: unknown) => void,
    ) => void
  }
  const extension = new Extension()
  const page = (options: { data: Order[] }, callback: (error: null, result: unknown) => void) =>
    callback(
      null,
      options.data.map((record) => ({ data: touch(record) })),
    )
  extension.loadConfiguration({ diy: { hooks: { page } } }, () => undefined)
  const app = express()
  app.use((request: Request, _response: Response, next: () => void) => {
    request.requestId = Date.now() + randomBytes(2).toString('hex')
    next()
  })
  app.use(express.json({ limit: '50mb' }))
  const log = {
    winstonInstance: new Logger({ transports: [new transports.Console()] }),
    msg: 'logName=reqFinished, method={{req.method}}, url={{req.url}}, statusCode={{res.statusCode}}, responseTime={{res.responseTime}}, _reqId={{req.requestId}}',
    meta: false,
  }
  app.use(expressWinston.logger(log))
  app.use(expressWinston.errorLogger(log))
  app.get('/livez', (_request, response) => void response.send('OK'))
  app.post('/function', (request, response) => {
    const [scheme, token] = (request.headers.authorization ?? '').split(' ')
    if (!/^Bearer$/i.test(scheme ?? '') || token !== TOKEN)
      return void response.status(401).json({ errors: [] })
    extension.callFunction(request.body.options, request.body, (error, result) => {
      if (error) return void response.status(error.statusCode).json({ errors: error.errors })
      response.json(result)
    })
  })
  return app
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
    userMs: user / 1000,
    maxRssMiB: process.resourceUsage().maxRSS / 1024,
  })
})
process.on('disconnect', () => process.exit())
