// The stand-in is compared with axios itself: the same calls, the same server, the same outcome.
import { createHttpClient } from '@mortise/manifest/http'
import axios from 'axios'
import { describe, expect, it } from 'vitest'
import { startApi } from './local-api.ts'

// biome-ignore lint/suspicious/noExplicitAny: both clients are called as untyped code calls them
type Call = (client: any, url: string) => Promise<any>

const CALLS: [string, Call][] = [
  [
    'axios(config)',
    (client, url) =>
      client({
        url: `${url}/a`,
        params: { b: 'c d:$,[]+&', list: [1, 2], none: undefined, when: new Date(0), o: true },
      }),
  ],
  [
    'axios(url, config)',
    (client, url) => client(`${url}/a?x=1`, { method: 'post', data: { a: 'ü' } }),
  ],
  ['get', (client, url) => client.get(`${url}/a`, { headers: { 'X-A': 'b' } })],
  ['post', (client, url) => client.post(`${url}/a`, { deep: [1, { b: null }] })],
  ['post of a form', (client, url) => client.post(`${url}/a`, new URLSearchParams({ a: 'b c' }))],
  [
    'post of text',
    (client, url) =>
      client.post(`${url}/a`, 'plain', { headers: { 'Content-Type': 'text/plain' } }),
  ],
  ['post of text alone', (client, url) => client.post(`${url}/a`, 'a=b')],
  [
    'post of an object as a form',
    (client, url) =>
      client.post(
        `${url}/a`,
        { a: 'b c', d: 1, list: [1, 2], deep: { e: true } },
        { headers: { 'Content-Type': 'application/x-www-form-urlencoded' } },
      ),
  ],
  [
    'post of an ArrayBuffer',
    (client, url) => client.post(`${url}/a`, new Uint8Array([65, 66]).buffer),
  ],
  ['post of nothing', (client, url) => client.post(`${url}/a`)],
  ['post of null', (client, url) => client.post(`${url}/a`, null)],
  [
    'nested parameters',
    (client, url) =>
      client.get(`${url}/a`, { params: { filter: { name: 'x', tags: ['a', 'b'] }, at: null } }),
  ],
  [
    'a list of objects as parameters',
    (client, url) => client.get(`${url}/a`, { params: { f: [{ a: 1 }, { a: 2 }], e: [] } }),
  ],
  ['responseType json', (client, url) => client.get(`${url}/text`, { responseType: 'json' })],
  ['an empty answer', (client, url) => client.get(`${url}/empty`)],
  [
    'a base with parameters',
    (client, url) =>
      client.create({ baseURL: `${url}/base`, params: { key: 'k' } }).get('', { params: { a: 1 } }),
  ],
  [
    'put and patch',
    (client, url) =>
      client.put(`${url}/a`, { a: 1 }).then(() => client.patch(`${url}/a`, { a: 2 })),
  ],
  ['delete', (client, url) => client.delete(`${url}/a`)],
  ['request', (client, url) => client.request({ method: 'HEAD', url: `${url}/a` })],
  [
    'create with baseURL',
    (client, url) => client.create({ baseURL: `${url}/base/`, headers: { 'X-A': '1' } }).get('/a'),
  ],
  [
    'basic auth',
    (client, url) => client.get(`${url}/a`, { auth: { username: 'ana', password: 'p:w' } }),
  ],
  ['responseType text', (client, url) => client.get(`${url}/a`, { responseType: 'text' })],
  ['validateStatus', (client, url) => client.get(`${url}/404`, { validateStatus: () => true })],
  ['404', (client, url) => client.get(`${url}/404`)],
  ['500', (client, url) => client.get(`${url}/500`)],
  ['an answer that is no JSON', (client, url) => client.get(`${url}/text`)],
  ['a redirect', (client, url) => client.get(`${url}/redirect`)],
  ['a broken connection', (client, url) => client.get(`${url}/hang-up`)],
  [
    'an address nobody listens at',
    async (client) => {
      const gone = await startApi(() => ({}))
      await gone[Symbol.asyncDispose]()
      return client.get(gone.url)
    },
  ],
]

function answer({ url }: { url: string }) {
  const path = url.split('?')[0]
  if (path === '/404') return { status: 404, body: { error: 'nope' } }
  if (path === '/500') return { status: 500, body: { error: 'oops' } }
  if (path === '/text') return { body: 'just text', headers: { 'content-type': 'text/plain' } }
  if (path === '/empty') return { body: '' }
  if (path === '/redirect') return { status: 302, headers: { location: '/a' } }
  if (path === '/hang-up') return { hangUp: true }
  return { body: { ok: true } }
}

async function outcome(call: Call, client: unknown) {
  await using api = await startApi(answer)
  const result = await call(client, api.url).then(
    ({ status, data }) => ({ status, data }),
    ({ message, code, isAxiosError, response }) => ({
      message: response ? message : 'no response',
      code,
      isAxiosError,
      response: response && { status: response.status, data: response.data },
    }),
  )
  const asked = api.seen.map(({ method, url, body, headers }) => [
    method,
    url,
    body,
    headers['content-type']?.split(';')[0],
    headers.authorization,
    headers['x-a'],
    headers.accept,
  ])
  return { result, asked }
}

describe('the stand-in for axios', () => {
  it.each(CALLS)('does as axios does: %s', async (_name, call) => {
    const theirs = await outcome(call, axios.create())
    const ours = await outcome(call, createHttpClient())
    expect(ours).toEqual(theirs)
  })

  it('sends files and forms with files', async () => {
    await using api = await startApi(() => ({}))
    const form = new FormData()
    form.set('file', new Blob(['inside']), 'a.txt')
    await createHttpClient().post(`${api.url}/a`, form)
    await createHttpClient().post(`${api.url}/a`, new Blob(['inside'], { type: 'text/csv' }))
    expect(api.seen.map(({ headers }) => headers['content-type']?.split(';')[0])).toEqual([
      'multipart/form-data',
      'text/csv',
    ])
    for (const { body } of api.seen) expect(body).toContain('inside')
  })

  it('refuses limits that are none, and parameters in a circle', async () => {
    expect(() => createHttpClient({ timeoutMs: Number.NaN })).toThrow(/"timeoutMs"/)
    expect(() => createHttpClient({ maxBytes: Number.NaN })).toThrow(/"maxBytes"/)
    const timeout = Number.POSITIVE_INFINITY
    await expect(createHttpClient().get('http://127.0.0.1:1', { timeout })).rejects.toThrow(
      /"timeout"/,
    )
    const params: Record<string, unknown> = {}
    params.self = params
    await expect(createHttpClient().get('http://127.0.0.1:1', { params })).rejects.toThrow(/circle/)
  })

  it('carries no credential to another origin', async () => {
    await using other = await startApi(() => ({ body: { ok: true } }))
    await using api = await startApi(() => ({
      status: 302,
      headers: { location: `${other.url}/next` },
    }))
    await createHttpClient().get(`${api.url}/a`, {
      headers: { Authorization: 'Bearer x', 'X-Api-Key': 'secret' },
    })
    expect(other.seen[0]?.headers.authorization).toBeUndefined()
    expect(other.seen[0]?.headers['x-api-key']).toBeUndefined()
  })

  it('sends no body along a redirect to another origin', async () => {
    await using other = await startApi(() => ({}))
    await using api = await startApi(() => ({
      status: 307,
      headers: { location: `${other.url}/next` },
    }))
    await expect(createHttpClient().post(`${api.url}/a`, { secret: 1 })).rejects.toMatchObject({
      isAxiosError: true,
    })
    expect(other.seen).toEqual([])
  })

  it('gives up circles of redirects, endless answers and slow ones', async () => {
    await using api = await startApi(({ url }) => {
      if (url === '/circle') return { status: 302, headers: { location: '/circle' } }
      if (url === '/slow') return new Promise(() => {})
      return { body: 'x'.repeat(10_000) }
    })
    const client = createHttpClient({ maxBytes: 5000 })
    await expect(client.get(`${api.url}/circle`)).rejects.toMatchObject({ isAxiosError: true })
    await expect(client.get(`${api.url}/large`)).rejects.toMatchObject({ isAxiosError: true })
    await expect(client.get(`${api.url}/slow`, { timeout: 50 })).rejects.toMatchObject({
      code: 'ECONNABORTED',
      message: 'timeout of 50ms exceeded',
    })
    expect(api.seen.filter(({ url }) => url === '/circle')).toHaveLength(6)
  })

  it('its errors serialise no request', async () => {
    await using api = await startApi(() => ({ status: 401 }))
    const error = await createHttpClient()
      .get(api.url, { headers: { Authorization: 'Bearer hush-hush' } })
      .catch((thrown) => thrown)
    expect(error.config.headers.Authorization).toBe('Bearer hush-hush')
    expect(JSON.stringify(error)).not.toContain('hush-hush')
    expect(JSON.stringify({ ...error })).not.toContain('hush-hush')
  })
})
