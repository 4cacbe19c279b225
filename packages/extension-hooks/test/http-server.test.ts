import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { resolveHttpOptions } from '../src/http/http-options.ts'
import {
  createHookFetchHandler,
  createHookListener,
  type HookServerOptions,
  startHookServer,
  type TokenRule,
} from '../src/http/index.ts'
import { listenWith } from '../src/http/node-listener.ts'
import { createHookHost, type HookHostOptions, type MapResult, preMap } from '../src/index.ts'

const TOKEN = '5f0c1d7be2a94c6d8b3e'
const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }
type Callback = (error?: unknown, result?: unknown) => void
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

const pending: Callback[] = []
const signals: AbortSignal[] = []
const functions = {
  same: preMap(({ data }) => data.map((record) => ({ data: record }))),
  hold: preMap((_input, { signal }) => {
    signals.push(signal)
    return new Promise<MapResult[]>((resolve) =>
      pending.push((_error, result) => resolve(result as never)),
    )
  }),
}
const start = (options: Partial<HookServerOptions> = {}, hostOptions: HookHostOptions = {}) =>
  startHookServer(createHookHost({ diy: functions }, hostOptions), { tokens: TOKEN, ...options })
const body = JSON.stringify({ diy: true, function: 'same', options: { data: [1] } })
const holdBody = JSON.stringify({ diy: true, function: 'hold', options: { data: [1] } })
const post = (url: string, init: RequestInit = {}) =>
  fetch(`${url}/function`, { method: 'POST', headers, body, ...init })
const errorCode = async (response: Response) => [
  response.status,
  ((await response.json()) as { errors: { code: string }[] }).errors[0]?.code,
]

/** Writes bytes to a server and collects what comes back until the connection ends or `until` is seen. */
async function raw(port: number, head: string, feed?: (socket: Socket) => void): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  let answer = ''
  socket.on('data', (chunk: Buffer) => {
    answer += chunk.toString()
  })
  socket.write(head)
  feed?.(socket)
  await once(socket, 'close')
  return answer
}

describe('the tokens', () => {
  it.each<[TokenRule, string]>([
    ['', 'has 0 characters'],
    ['too-short', 'has 9 characters, fewer than 16'],
    [[], 'received none'],
    [undefined as never, 'received none'],
    [[TOKEN, 5 as never], 'tokens[1] must be a text; received number'],
    ['with a space in the middle', 'holds spaces'],
    ['*'.repeat(20), 'looks like a sample'],
    ['YOUR_SYSTEM_TOKEN_HERE', 'looks like a sample'],
    ['x1y2z3'.repeat(100), 'more than 512'],
  ])('refuses %j before it listens, without showing it', (tokens, message) => {
    const listen = () => createHookListener(createHookHost({ diy: {} }), { tokens })
    expect(listen).toThrow(message)
    if (typeof tokens === 'string' && tokens !== '') expect(listen).not.toThrow(tokens)
  })

  it.each([
    [undefined, 401],
    ['', 401],
    ['Bearer', 401],
    ['Bearer ', 401],
    [`Basic ${TOKEN}`, 401],
    [`Bearer  ${TOKEN}`, 401],
    [`Bearer ${TOKEN} x`, 401],
    [`Bearer ${TOKEN}x`, 401],
    [`Bearer ${TOKEN.slice(1)}`, 401],
    [`Bearer ${'x'.repeat(5_000)}`, 401],
    [`bearer ${TOKEN}`, 200],
    [`Bearer ${TOKEN}`, 200],
  ])('answers the header %j with %d', async (authorization, status) => {
    const handle = createHookFetchHandler(createHookHost({ diy: functions }), { tokens: TOKEN })
    const init = {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        ...(authorization !== undefined && { authorization }),
      },
    }
    expect((await handle(new Request('http://host/function', init))).status).toBe(status)
  })

  it('takes every one of several, so that a rotation has no gap', async () => {
    const next = 'a7c31f0e9b5d4c8866f2'
    await using server = await start({ tokens: [TOKEN, next] })
    for (const token of [TOKEN, next]) {
      expect(
        (await post(server.url, { headers: { ...headers, authorization: `Bearer ${token}` } }))
          .status,
      ).toBe(200)
    }
  })

  it('asks a function, and answers 503 when it fails', async () => {
    await using server = await start({
      tokens: async (token) => {
        if (token === 'broken') throw new Error('down')
        return token === 'good'
      },
    })
    const status = async (token: string) =>
      (await post(server.url, { headers: { ...headers, authorization: `Bearer ${token}` } })).status
    expect([await status('good'), await status('bad'), await status('broken')]).toEqual([
      200, 401, 503,
    ])
  })

  it('takes none from query or body', async () => {
    await using server = await start()
    const response = await fetch(`${server.url}/function?access_token=${TOKEN}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...(JSON.parse(body) as object), access_token: TOKEN }),
    })
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer realm=/)
  })
})

describe('the body', () => {
  it('of somebody without a token is never read, however large', async () => {
    await using server = await start()
    const answer = await raw(
      server.port,
      `POST /function HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 52428800\r\n\r\n`,
    )
    expect(answer).toMatch(/^HTTP\/1.1 401 /)
    expect(answer).toContain('connection: close')
  })

  it('of somebody without a token does not take the answer with it', async () => {
    await using server = await start()
    const large = { headers: { ...headers, authorization: 'Bearer wrong' }, body: 'x'.repeat(8e6) }
    for (let attempt = 0; attempt < 3; attempt++) {
      expect(await errorCode(await post(server.url, large))).toEqual([401, 'unauthorized'])
    }
    expect(await errorCode(await post(server.url, { body: 'x'.repeat(11e6) }))).toEqual([
      413,
      'request_too_large',
    ])
  })

  it('beyond the limit is refused by its announced length, before a byte arrives', async () => {
    await using server = await start({ maxBodyBytes: 1_000 })
    const answer = await raw(
      server.port,
      `POST /function HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${TOKEN}\r\ncontent-type: application/json\r\ncontent-length: 1001\r\n\r\n`,
    )
    expect(answer).toMatch(/^HTTP\/1.1 413 /)
    expect(answer).toContain('The request body exceeded the limit of 1000 bytes.')
  })

  it('beyond the limit is refused while it arrives in chunks', async () => {
    await using server = await start({ maxBodyBytes: 1_000 })
    const answer = await raw(
      server.port,
      `POST /function HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${TOKEN}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`,
      (socket) => socket.write(`7d0\r\n${'x'.repeat(2_000)}\r\n`),
    )
    expect(answer).toMatch(/^HTTP\/1.1 413 /)
    expect((await post(server.url, { body: body.padEnd(1_000) })).status).toBe(200)
  })

  it('that breaks off is forgotten', async () => {
    await using server = await start()
    const answer = await raw(
      server.port,
      `POST /function HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${TOKEN}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\nhalf`,
      (socket) => setTimeout(() => socket.destroy(), 20),
    )
    expect(answer).toBe('')
    expect((await post(server.url)).status).toBe(200)
  })

  it.each<[string, RequestInit, number, string]>([
    [
      'of another type',
      { headers: { ...headers, 'content-type': 'text/plain' } },
      415,
      'unsupported_media_type',
    ],
    [
      'of a look-alike type',
      { headers: { ...headers, 'content-type': 'application/jsonp' } },
      415,
      'unsupported_media_type',
    ],
    [
      'in another encoding',
      { headers: { ...headers, 'content-encoding': 'gzip' } },
      415,
      'unsupported_media_type',
    ],
    ['that is no JSON', { body: '{"diy":' }, 400, 'invalid_body'],
    ['that is empty', { body: '' }, 400, 'invalid_body'],
    ['that is an array', { body: '[]' }, 400, 'invalid_body'],
    ['that is null', { body: 'null' }, 400, 'invalid_body'],
    ['that is not UTF-8', { body: new Uint8Array([0x22, 0xff, 0x22]) }, 400, 'invalid_body'],
    ['without a function', { body: '{}' }, 422, 'missing_required_field'],
  ])('%s is answered with JSON', async (_name, init, status, code) => {
    await using server = await start()
    expect(await errorCode(await post(server.url, init))).toEqual([status, code])
    const handle = createHookFetchHandler(createHookHost({ diy: functions }), { tokens: TOKEN })
    expect(
      await errorCode(
        await handle(
          new Request('http://host/function', { method: 'POST', headers, body, ...init }),
        ),
      ),
    ).toEqual([status, code])
  })

  it('may carry parameters in its type and a byte order mark', async () => {
    await using server = await start()
    expect(
      (
        await post(server.url, {
          headers: { ...headers, 'content-type': 'application/json; charset=utf-8' },
          body: `\uFEFF${body}`,
        })
      ).status,
    ).toBe(200)
  })
})

describe('the routes', () => {
  it.each([
    ['GET', '/livez', 200],
    ['HEAD', '/readyz', 200],
    ['POST', '/livez', 405],
    ['GET', '/function', 405],
    ['GET', '/', 404],
    ['GET', '/stopServer', 404],
    ['GET', '/openConnections?terminate=true', 404],
    ['GET', '/healthCheck', 404],
    ['POST', '/Function/?a=1', 200],
    ['POST', '//function', 404],
  ])('%s %s is answered with %d', async (method, path, status) => {
    await using server = await start()
    const init = { method, headers, ...(method === 'POST' && { body }) }
    const response = await fetch(server.url + path, init)
    expect([response.status, response.headers.get('content-type')]).toEqual([
      status,
      'application/json; charset=utf-8',
    ])
    const handle = createHookFetchHandler(createHookHost({ diy: functions }), { tokens: TOKEN })
    expect((await handle(new Request(server.url + path, init))).status).toBe(status)
  })
})

describe('the server', () => {
  it('listens on this machine only, unless told otherwise', async () => {
    await using server = await start()
    expect(server.server.address()).toMatchObject({ address: '127.0.0.1' })
  })

  it('rejects when its port is taken', async () => {
    await using server = await start()
    await expect(start({ port: server.port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })

  it('says where the time went, and passes trace ids on', async () => {
    const reports: { traceId?: string; traceparent?: string }[] = []
    await using server = await start(
      { serverTiming: true },
      { onCall: (report) => reports.push(report) },
    )
    const response = await post(server.url, {
      headers: { ...headers, traceid: 't-1', traceparent: '00-1-2-01' },
    })
    expect(response.headers.get('server-timing')).toMatch(
      /^queue;dur=[\d.]+, parse;dur=[\d.]+, run;dur=[\d.]+, check;dur=[\d.]+, encode;dur=[\d.]+$/,
    )
    expect(reports).toMatchObject([{ traceId: 't-1', traceparent: '00-1-2-01' }])
  })

  it('says when to come back when it is too busy', async () => {
    await using server = await start({}, { concurrency: 1, maxQueued: 0 })
    const first = post(server.url, { body: holdBody })
    await wait(30)
    const second = await post(server.url)
    expect([second.status, second.headers.get('retry-after')]).toEqual([503, '1'])
    pending.pop()?.(null, [{}])
    expect((await first).status).toBe(200)
  })

  it('fires the signal of a function whose caller went away', async () => {
    await using server = await start({}, { graceMs: 5 })
    const request = httpRequest(`${server.url}/function`, { method: 'POST', headers })
    request.on('error', () => undefined)
    request.end(holdBody)
    const before = signals.length
    while (signals.length === before) await wait(5)
    request.destroy()
    const signal = signals.at(-1) as AbortSignal
    if (!signal.aborted) await once(signal, 'abort')
    expect(signal.reason).toMatchObject({ code: 'call_aborted' })
    pending.pop()?.(null, [{}])
  })

  it('announces a long call with 102, where asked to', async () => {
    const settings = { ...resolveHttpOptions({ tokens: TOKEN }), processingAfterMs: 20 }
    const server = createServer(listenWith(createHookHost({ diy: functions }), settings)).listen(0)
    await once(server, 'listening')
    const request = httpRequest({
      port: (server.address() as AddressInfo).port,
      path: '/function',
      method: 'POST',
      headers,
    })
    request.end(holdBody)
    const [{ statusCode }] = (await once(request, 'information')) as [{ statusCode: number }]
    expect(statusCode).toBe(102)
    pending.pop()?.(null, [{}])
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    expect(response.statusCode).toBe(200)
    response.resume()
    server.close()
    server.closeAllConnections()
  })

  it.each([
    ['headers', 'POST /function HTTP/1.1\r\nhost: x\r\n'],
    [
      'a body',
      `POST /function HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${TOKEN}\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{`,
    ],
  ])('cuts %s that never end when requestTimeoutMs are over', async (_what, sent) => {
    const server = await start({ requestTimeoutMs: 200 })
    const socket = connect(server.port, '127.0.0.1')
    socket.write(sent)
    expect(await text(socket)).toMatch(/^HTTP\/1.1 408 /)
  })

  it('closes gracefully: readiness fails, the running call is answered, keep-alive connections end', async () => {
    const server = await start()
    await (await post(server.url)).text()
    const running = post(server.url, { body: holdBody })
    await wait(30)
    const closing = server.close({ drainMs: 60 })
    await wait(10)
    expect((await fetch(`${server.url}/readyz`)).status).toBe(503)
    expect((await fetch(`${server.url}/livez`)).status).toBe(200)
    expect(await errorCode(await post(server.url))).toEqual([503, 'host_closing'])
    pending.pop()?.(null, [{ data: 'done' }])
    expect(await (await running).json()).toEqual([{ data: 'done' }])
    await closing
    await expect(fetch(`${server.url}/livez`)).rejects.toThrow()
  })
})
