import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import {
  type CompatServerConfiguration,
  createExpressExtension,
  createHandler,
  createServer,
  stopServer,
} from '../src/compat/index.ts'

type Callback = (error: unknown, result?: unknown) => void

const TOKEN = 'short'
const diy = {
  hooks: {
    echo: (options: unknown, done: Callback) => done(null, options),
    nothing: (_: unknown, done: Callback) => done(null),
  },
}

async function freePort(): Promise<number> {
  const server = createHttpServer().listen(0)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

const running: { stopServer: typeof stopServer }[] = []
async function start(config: CompatServerConfiguration = {}): Promise<string> {
  const extension = createExpressExtension()
  const port = await freePort()
  const error = await new Promise((resolve) =>
    extension.createServer({ diy, systemToken: TOKEN, port, ...config }, resolve),
  )
  if (error) throw error
  running.push(extension)
  return `http://127.0.0.1:${port}`
}
afterEach(async () => {
  for (const extension of running.splice(0))
    await new Promise((resolve) => extension.stopServer(resolve))
})
const post = (
  url: string,
  body: unknown,
  headers: Record<string, string> = { authorization: `Bearer ${TOKEN}` },
) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
const callEcho = { diy: true, type: 'hook', function: 'echo', options: { a: 1 } }

describe('createServer', () => {
  it('answers the routes of the original', async () => {
    const url = await start()
    for (const path of ['/', '/healthCheck'])
      expect(await (await fetch(url + path)).json()).toEqual({ success: true })
    for (const path of ['/livez', '/readyz'])
      expect(await (await fetch(url + path)).text()).toBe('OK')
    expect(await (await post(`${url}/function`, callEcho)).json()).toEqual({ a: 1 })
    expect(await (await post(`${url}/FUNCTION/`, callEcho)).json()).toEqual({ a: 1 })
  })

  it('answers a wrong token with 401 and the words of the original', async () => {
    const url = await start()
    const response = await post(`${url}/function`, callEcho, { authorization: 'Bearer wrong' })
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('invalid system token')
    expect(await response.json()).toEqual({
      errors: [{ code: 'unauthorized', message: 'Invalid system token.' }],
    })
  })

  it('answers an undefined result with an empty body', async () => {
    const url = await start()
    const response = await post(`${url}/function`, { ...callEcho, function: 'nothing' })
    expect([response.status, await response.text()]).toEqual([200, ''])
  })

  it('counts a body that is not JSON as a call without fields', async () => {
    const url = await start()
    const response = await fetch(`${url}/function`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}` },
      body: 'plain',
    })
    expect(response.status).toBe(422)
    expect(((await response.json()) as { errors: unknown[] }).errors).toHaveLength(3)
  })

  it('answers broken JSON with 400 and JSON, without a stack', async () => {
    const url = await start()
    const response = await fetch(`${url}/function`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      body: '{',
    })
    expect([response.status, await response.json()]).toEqual([
      400,
      { errors: [{ code: 'invalid_body', message: 'The request body is not JSON.' }] },
    ])
  })

  it('has no admin routes and takes no token from body or query', async () => {
    const url = await start()
    for (const path of ['/stopServer', '/openConnections'])
      expect((await fetch(url + path)).status).toBe(404)
    expect(
      (
        await post(
          `${url}/function?access_token=${TOKEN}`,
          { ...callEcho, access_token: TOKEN },
          {},
        )
      ).status,
    ).toBe(401)
  })

  it('takes the token from body and query with the original preset', async () => {
    const url = await start({ preset: 'original' })
    expect((await post(`${url}/function?access_token=${TOKEN}`, callEcho, {})).status).toBe(200)
    expect((await post(`${url}/function`, { ...callEcho, access_token: TOKEN }, {})).status).toBe(
      200,
    )
    expect((await post(`${url}/function`, { ...callEcho, access_token: 'no' }, {})).status).toBe(
      401,
    )
    expect((await post(`${url}/function`, callEcho, {})).status).toBe(401)
  })

  it('counts connections and fails the probes on request with the original preset, without ending the process', async () => {
    const url = await start({ preset: 'original' })
    expect(Number(await (await fetch(`${url}/openConnections`)).text())).toBeGreaterThanOrEqual(0)
    await fetch(`${url}/openConnections?terminate=true`)
    expect((await fetch(`${url}/livez`)).status).toBe(503)
    expect((await post(`${url}/function`, callEcho)).status).toBe(200)
  })

  it('insists on a systemToken', async () => {
    const error = await new Promise<unknown>((resolve) =>
      createExpressExtension().createServer({ diy }, resolve),
    )
    expect(error).toMatchObject({
      code: 'missing_required_field',
      message: 'systemToken not provided in options.',
    })
  })

  it('calls back when the port is in use, and can be called again', async () => {
    const taken = new URL(await start()).port
    const extension = createExpressExtension()
    const create = (port: number) =>
      new Promise<unknown>((resolve) =>
        extension.createServer({ diy, systemToken: TOKEN, port }, resolve),
      )
    expect(await create(Number(taken))).toMatchObject({ code: 'EADDRINUSE' })
    expect(await create(await freePort())).toBeUndefined()
    await new Promise((resolve) => extension.stopServer(resolve))
  })

  it('is one server a process under the names of the original', async () => {
    const port = await freePort()
    const create = () =>
      new Promise((resolve) => createServer({ diy, systemToken: TOKEN, port }, resolve))
    const stop = () => new Promise((resolve) => stopServer(resolve))
    expect(await create()).toBeUndefined()
    expect(await create()).toMatchObject({
      code: 'cannot_create_server',
      message: 'Integration-extension server is already deployed.',
    })
    expect(await stop()).toBeUndefined()
    expect(await stop()).toMatchObject({
      code: 'invaid_function_call',
      message: 'Integration-extension server not deployed.',
    })
  })

  it('stops although a keep-alive connection is open', async () => {
    const url = await start()
    await (await post(`${url}/function`, callEcho)).text()
    const before = Date.now()
    await new Promise((resolve) => running.pop()?.stopServer(resolve))
    expect(Date.now() - before).toBeLessThan(2_000)
  })

  it('stops once however often it is told to, also by /stopServer', async () => {
    const url = await start({ preset: 'original' })
    const extension = running.pop()
    const stop = () => new Promise((resolve) => extension?.stopServer(resolve))
    const stopped = await fetch(`${url}/stopServer`, { headers: { connection: 'close' } })
    expect([stopped.status, await stopped.text()]).toEqual([200, 'preparing to shut down.'])
    expect(await Promise.all([stop(), stop()])).toEqual([undefined, undefined])
    expect(await stop()).toMatchObject({ code: 'invaid_function_call' })
  })

  it('counts the connections beside its own', async () => {
    const url = await start({ preset: 'original' })
    const response = await fetch(`${url}/openConnections`, { headers: { connection: 'close' } })
    expect(await response.text()).toBe('0')
  })

  it('tells the logger which defaults it holds back', async () => {
    const lines: unknown[] = []
    await start({
      winstonInstance: { info: (message, fields) => lines.push([message, fields]) },
      preset: 'original',
    })
    expect(JSON.stringify(lines)).toContain('open admin routes')
    expect(JSON.stringify(lines)).not.toContain(`${TOKEN}"`)
  })
})

describe('createHandler', () => {
  const clientContext = { diy: true, type: 'hook', function: 'echo' }

  it('declares two parameters', () => {
    expect(createHandler({ diy }).length).toBe(2)
  })

  it('calls back where the runtime passes a callback, and promises where it does not', async () => {
    const handler = createHandler({ diy })
    const seen = await new Promise((resolve) =>
      handler({ a: 1 }, { clientContext }, (...parameters) => resolve(parameters)),
    )
    expect(seen).toEqual([null, { a: 1 }])
    expect(await handler({ a: 1 }, { clientContext })).toEqual({ a: 1 })
  })

  it('looks at its configuration at every call, because people fill it in later', async () => {
    const config: CompatServerConfiguration & { other?: number } = {}
    const handler = createHandler(config)
    const codeNow = async () => {
      const thrown = await handler({}, { clientContext })?.catch((error: unknown) => error)
      return (JSON.parse(thrown as string) as { errors: { code: string }[] }).errors[0]?.code
    }
    expect(await codeNow()).toBe('missing_parameter')
    config.other = 1
    expect(await codeNow()).toBe('missing_required_field')
    config.connectors = {}
    expect(await codeNow()).toBe('invalid_field')
    config.connectors = { one: diy }
    expect(await codeNow()).toBe('missing_required_field')
    const called = { _connectorId: 'one', type: 'hook', function: 'echo' }
    expect(await handler({ a: 1 }, { clientContext: called })).toEqual({ a: 1 })
  })

  it('fails with a JSON text, for a bad configuration too', async () => {
    const thrown = await createHandler({})({}, { clientContext })?.catch((error: unknown) => error)
    expect(JSON.parse(thrown as string)).toEqual({
      statusCode: 422,
      errors: [{ code: 'missing_parameter', message: 'Options parameter is not provided.' }],
    })
    const failure: unknown = await new Promise((resolve) =>
      createHandler({ diy })({}, {}, (error) => resolve(error)),
    )
    expect(JSON.parse(failure as string)).toMatchObject({ statusCode: 422 })
  })
})
