import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3'
import axios from 'axios'
import got from 'got'
import ky from 'ky'
import { Agent, request, fetch as undiciFetch } from 'undici'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { fromResponse, fromUnknown } from '../src/index.ts'

// The errors that the clients really throw, from a server on this machine that misbehaves as the path says.

vi.setConfig({ testTimeout: 30_000 })

let server: Server
let base: string
/** Nothing listens there any more. */
let closed: string

beforeAll(async () => {
  server = createServer((incoming, response) => {
    const [, what = '', how = ''] = incoming.url?.split('?')[0]?.split('/') ?? []
    if (what === 'hang') return
    if (what === 'reset') return void incoming.socket.resetAndDestroy()
    if (what === 'garbage') return void incoming.socket.end('not http at all\r\n\r\n')
    if (what === 'cut') {
      response.writeHead(200, { 'content-length': 1000 })
      response.write('half')
      setTimeout(() => incoming.socket.resetAndDestroy(), 20)
      return
    }
    if (what === 'text') {
      response.end('<html>')
      return
    }
    if (what === 'loop') return void response.writeHead(302, { location: incoming.url }).end()
    if (what === 'bucket') {
      response.writeHead(Number(how.split('.')[0]), {
        'content-type': 'application/xml',
        'x-amz-request-id': 'S3R',
        'retry-after': '4',
      })
      response.end(
        `<?xml version="1.0"?><Error><Code>${how.split('.')[1]}</Code><Message>Said ${how}</Message></Error>`,
      )
      return
    }
    response.writeHead(Number(what), {
      'retry-after': '5',
      'x-request-id': 'r-1',
      'content-type': 'application/json',
    })
    response.end('{"message":"because"}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closed = await addressOfClosedServer()
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
})

async function addressOfClosedServer(): Promise<string> {
  const brief = createServer().listen(0, '127.0.0.1')
  await once(brief, 'listening')
  const { port } = brief.address() as AddressInfo
  brief.close()
  await once(brief, 'close')
  return `http://127.0.0.1:${port}`
}

async function thrownBy(work: () => unknown): Promise<unknown> {
  try {
    await work()
  } catch (thrown) {
    return thrown
  }
  throw new Error('Nothing was thrown')
}

const judge = async (work: () => unknown) => {
  const { kind, code, outcome } = fromUnknown(await thrownBy(work))
  return [kind, code, outcome]
}

const post = { method: 'POST', body: 'x' } as const
const soon = () => AbortSignal.timeout(50)

describe('fetch', () => {
  test.each([
    ['refused', () => fetch(closed, post), ['transient', 'NETWORK', 'not_sent']],
    [
      'unknown host',
      () => fetch('http://no-such-host.invalid', post),
      ['transient', 'NETWORK', 'not_sent'],
    ],
    ['reset', () => fetch(`${base}/reset`, post), ['transient', 'NETWORK', 'unknown']],
    ['garbage', () => fetch(`${base}/garbage`, post), ['permanent', 'PROTOCOL', 'unknown']],
    [
      'timeout',
      () => fetch(`${base}/hang`, { ...post, signal: soon() }),
      ['transient', 'TIMEOUT', 'unknown'],
    ],
    [
      'abort',
      () => fetch(`${base}/hang`, { ...post, signal: AbortSignal.abort() }),
      ['transient', 'ABORTED', 'unknown'],
    ],
    [
      'half a body',
      async () => (await fetch(`${base}/cut`, post)).text(),
      ['transient', 'NETWORK', 'unknown'],
    ],
    ['endless redirect', () => fetch(`${base}/loop`), ['permanent', 'PROTOCOL', 'unknown']],
    ['bad address', () => fetch('http://'), ['permanent', 'CONFIG_INVALID', 'not_sent']],
    [
      'blocked port',
      () => fetch('http://127.0.0.1:1'),
      ['permanent', 'CONFIG_INVALID', 'not_sent'],
    ],
    [
      'unknown scheme',
      () => fetch('gopher://127.0.0.1'),
      ['permanent', 'CONFIG_INVALID', 'not_sent'],
    ],
    [
      'forbidden redirect',
      () => fetch(`${base}/loop`, { redirect: 'error' }),
      ['permanent', 'PROTOCOL', 'unknown'],
    ],
    [
      'not JSON',
      async () => (await fetch(`${base}/text`)).json(),
      ['permanent', 'PROTOCOL', undefined],
    ],
  ])('%s', async (_, work, expected) => {
    expect(await judge(work)).toEqual(expected)
  })

  test('an answer', async () => {
    const response = await fetch(`${base}/503`, post)
    const error = fromResponse(response, { body: await response.text() })
    expect(error).toMatchObject({
      kind: 'transient',
      outcome: 'rejected',
      retryAfterMs: 5000,
      requestId: 'r-1',
      message: 'HTTP 503 Service Unavailable: because',
    })
  })
})

describe('undici', () => {
  test('an answer of request()', async () => {
    const { statusCode, headers, body } = await request(`${base}/429`)
    expect(fromResponse({ statusCode, headers }, { body: await body.json() })).toMatchObject({
      kind: 'rate_limit',
      retryAfterMs: 5000,
      message: 'HTTP 429 Too Many Requests: because',
    })
  })

  test('timeouts of its own', async () => {
    const dispatcher = new Agent({ headersTimeout: 50 })
    expect(await judge(() => undiciFetch(`${base}/hang`, { ...post, dispatcher }))).toEqual([
      'transient',
      'TIMEOUT',
      'unknown',
    ])
    await dispatcher.destroy()
    expect(await judge(() => request(`${base}/200`, { dispatcher }))).toEqual([
      'transient',
      'NETWORK',
      'not_sent',
    ])
  })

  test('invalid use', async () => {
    expect(await judge(() => request(`${base}/200`, { headers: { 'x\n': 'y' } }))).toEqual([
      'permanent',
      'BUG',
      'not_sent',
    ])
  })
})

describe('axios', () => {
  test('an answer', async () => {
    const thrown = await thrownBy(() => axios.post(`${base}/429`, 'x'))
    expect(fromUnknown(thrown)).toMatchObject({
      kind: 'rate_limit',
      retryAfterMs: 5000,
      requestId: 'r-1',
      message: 'HTTP 429 Too Many Requests: because',
    })
  })

  test.each([
    ['refused', () => axios.post(closed), ['transient', 'NETWORK', 'not_sent']],
    ['reset', () => axios.post(`${base}/reset`), ['transient', 'NETWORK', 'unknown']],
    [
      'timeout',
      () => axios.post(`${base}/hang`, 'x', { timeout: 50 }),
      ['transient', 'TIMEOUT', 'unknown'],
    ],
    [
      'timeout of a read',
      () => axios.get(`${base}/hang`, { timeout: 50 }),
      ['transient', 'TIMEOUT', undefined],
    ],
    [
      'cancel',
      () => axios.post(`${base}/hang`, 'x', { signal: soon() }),
      ['transient', 'ABORTED', 'unknown'],
    ],
    ['redirects', () => axios.get(`${base}/loop`), ['permanent', 'PROTOCOL', undefined]],
    [
      'a server error after a read',
      () => axios.get(`${base}/500`),
      ['transient', 'UNAVAILABLE', undefined],
    ],
  ])('%s', async (_, work, expected) => {
    expect(await judge(work)).toEqual(expected)
  })

  test('its Authorization header stays out of what is serialised and printed', async () => {
    const headers = { Authorization: 'Bearer very-secret-token' }
    const thrown = await thrownBy(() =>
      axios.get(`${base}/401`, { headers, params: { key: 'very-secret-key' } }),
    )
    const error = fromUnknown(thrown)
    expect(error).toMatchObject({ kind: 'auth', code: 'CREDENTIAL_INVALID' })
    const { inspect } = await import('node:util')
    expect(JSON.stringify(thrown)).toContain('very-secret')
    expect(JSON.stringify(error) + inspect(error, { depth: 20 })).not.toContain('very-secret')
  })
})

describe('got and ky', () => {
  const retry = { limit: 0 }

  test('their answers', async () => {
    const expected = { kind: 'rate_limit', retryAfterMs: 5000, requestId: 'r-1' }
    expect(fromUnknown(await thrownBy(() => got(`${base}/429`, { retry })))).toMatchObject(expected)
    expect(fromUnknown(await thrownBy(() => ky(`${base}/429`, { retry: 0 })))).toMatchObject(
      expected,
    )
  })

  test('the method they were called with', async () => {
    for (const client of [got, ky]) {
      const [read, write] = [
        await thrownBy(() => client.get(`${base}/500`, { retry: retry as never })),
        await thrownBy(() => client.post(`${base}/500`, { retry: retry as never })),
      ]
      expect([fromUnknown(read).status, fromUnknown(read).outcome]).toEqual([500, undefined])
      expect(fromUnknown(write).outcome).toBe('unknown')
    }
  })

  test('their timeouts and refusals', async () => {
    expect(
      await judge(() => got.post(`${base}/hang`, { retry, timeout: { request: 50 } })),
    ).toEqual(['transient', 'TIMEOUT', 'unknown'])
    expect(await judge(() => got.post(closed, { retry }))).toEqual([
      'transient',
      'NETWORK',
      'not_sent',
    ])
    expect(await judge(() => ky.post(`${base}/hang`, { retry: 0, timeout: 50 }))).toEqual([
      'transient',
      'TIMEOUT',
      'unknown',
    ])
    expect(await judge(() => ky.post(closed, { retry: 0 }))).toEqual([
      'transient',
      'NETWORK',
      'not_sent',
    ])
  })
})

describe('the AWS SDK', () => {
  const get =
    (Key: string, where = () => base) =>
    async () => {
      const client = new S3Client({
        endpoint: where(),
        region: 'us-east-1',
        forcePathStyle: true,
        maxAttempts: 1,
        credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      })
      try {
        await client.send(new GetObjectCommand({ Bucket: 'bucket', Key }))
      } finally {
        client.destroy()
      }
    }

  test.each([
    ['404.NoSuchKey', 'permanent', 'NOT_FOUND', 'rejected'],
    ['403.AccessDenied', 'auth', 'PERMISSION_DENIED', 'rejected'],
    ['403.InvalidAccessKeyId', 'auth', 'CREDENTIAL_INVALID', 'rejected'],
    ['400.ExpiredToken', 'auth', 'TOKEN_EXPIRED', 'rejected'],
    ['412.PreconditionFailed', 'permanent', 'CONFLICT', 'rejected'],
    ['503.SlowDown', 'rate_limit', 'RATE_LIMITED', 'rejected'],
    ['500.InternalError', 'transient', 'UNAVAILABLE', 'unknown'],
  ])('%s is %s, %s', async (key, kind, code, outcome) => {
    const error = fromUnknown(await thrownBy(get(key)))
    expect(error).toMatchObject({ kind, code, outcome, requestId: 'S3R' })
    expect(error.message).toContain(`Said ${key}`)
    expect(error.retryAfterMs).toBe(
      kind === 'rate_limit' || kind === 'transient' ? 4000 : undefined,
    )
  })

  test('no server', async () => {
    expect(await judge(get('x', () => closed))).toEqual(['transient', 'NETWORK', 'not_sent'])
  })
})

describe('zod', () => {
  test('names the fields and never the values', async () => {
    const schema = z.object({
      name: z.string(),
      list: z.array(z.object({ n: z.int() })),
      key: z.email(),
    })
    const value = { name: 5, list: [{ n: 'very-secret' }], key: 'very-secret', more: 1 }
    const error = fromUnknown(await thrownBy(() => schema.parse(value)))
    expect(error).toMatchObject({
      kind: 'permanent',
      code: 'INPUT_INVALID',
      details: { issues: [{ path: 'name' }, { path: 'list.0.n' }, { path: 'key' }] },
    })
    expect(error.message).toMatch(/^name: .*; list\.0\.n: .*; key: /)
    expect(JSON.stringify(error)).not.toContain('very-secret')
  })

  test('counts what it does not show', async () => {
    const schema = z.record(z.string(), z.string())
    const value = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`k${index}`, index]))
    const error = fromUnknown(await thrownBy(() => schema.parse(value)))
    expect(error.message).toMatch(/\(and 47 more\)$/)
    expect(error.details?.issues).toHaveLength(20)
  })
})
