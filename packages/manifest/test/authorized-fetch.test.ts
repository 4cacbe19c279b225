import type { AppManifest } from '@mortise/manifest'
import { authorizeAxios, createAuthorizedFetch } from '@mortise/manifest/http'
import axios from 'axios'
import { describe, expect, it } from 'vitest'
import { startApi } from './local-api.ts'
import { documented } from './sample-documents.ts'

function at(url: string): AppManifest {
  const manifest = structuredClone(documented('agendor')) as AppManifest
  manifest.api_base_uri = { production: { uri: `${url}/v3`, label: 'x', default: true } }
  return manifest
}

const local = { allowPrivateNetwork: true }

describe('createAuthorizedFetch', () => {
  it('signs relative and absolute addresses and passes the rest on', async () => {
    await using api = await startApi(() => ({ body: { ok: true } }))
    const send = createAuthorizedFetch(at(api.url), { token: 't' }, local)
    await send('/people', { method: 'POST', body: '{}', headers: { 'X-A': 'b' } })
    await send(new URL(`${api.url}/v3/me?x=1`))
    expect(
      api.seen.map(({ method, url, headers }) => [
        method,
        url,
        headers.authorization,
        headers['x-a'],
      ]),
    ).toEqual([
      ['POST', '/v3/people', 'Token t', 'b'],
      ['GET', '/v3/me?x=1', 'Token t', undefined],
    ])
  })

  it('takes a Request as fetch does, with its method, headers, body and signal', async () => {
    await using api = await startApi(() => ({}))
    const send = createAuthorizedFetch(at(api.url), { token: 't' }, local)
    const init = { method: 'POST', body: 'hello', headers: { 'X-A': 'b' } }
    await send(new Request(`${api.url}/v3/people`, init))
    expect(api.seen[0]).toMatchObject({ method: 'POST', url: '/v3/people', body: 'hello' })
    expect(api.seen[0]?.headers).toMatchObject({ authorization: 'Token t', 'x-a': 'b' })
    const signal = AbortSignal.abort()
    await expect(send(new Request(`${api.url}/v3/people`, { signal }))).rejects.toThrow(/abort/)
    await expect(send(new Request('https://evil.example/'))).rejects.toMatchObject({
      code: 'MANIFEST_ORIGIN_REFUSED',
    })
  })

  it('a Request follows no redirect either', async () => {
    await using api = await startApi(() => ({ status: 302, headers: { location: '/elsewhere' } }))
    const send = createAuthorizedFetch(at(api.url), { token: 't' }, local)
    expect((await send(new Request(`${api.url}/v3/a`))).status).toBe(302)
  })

  it('asks for the values before every request', async () => {
    await using api = await startApi(() => ({}))
    let turn = 0
    const send = createAuthorizedFetch(at(api.url), async () => ({ token: `t${++turn}` }), local)
    await send('/a')
    await send('/b')
    expect(api.seen.map(({ headers }) => headers.authorization)).toEqual(['Token t1', 'Token t2'])
  })

  it('sends nothing to another origin, unless it is listed', async () => {
    await using api = await startApi(() => ({}))
    await using other = await startApi(() => ({}))
    for (const url of [`${other.url}/x`, `//${new URL(other.url).host}/x`])
      await expect(
        createAuthorizedFetch(at(api.url), { token: 't' }, local)(url),
      ).rejects.toMatchObject({ code: 'MANIFEST_ORIGIN_REFUSED' })
    expect(other.seen).toEqual([])
    await createAuthorizedFetch(
      at(api.url),
      { token: 't' },
      { ...local, origins: [other.url] },
    )(`${other.url}/x`)
    expect(other.seen[0]?.headers.authorization).toBe('Token t')
  })

  it('follows no redirect', async () => {
    await using api = await startApi(() => ({
      status: 302,
      headers: { location: 'https://evil.example' },
    }))
    expect((await createAuthorizedFetch(at(api.url), { token: 't' }, local)('/a')).status).toBe(302)
  })
})

describe('authorizeAxios', () => {
  it('signs the requests of a real instance until it is taken away', async () => {
    await using api = await startApi(() => ({ body: { ok: true } }))
    const client = axios.create()
    const stop = authorizeAxios(client, at(api.url), { token: 't' }, local)
    await client.get('/people', { params: { page: 2 } })
    await client.post(`${api.url}/v3/people`, { a: 1 })
    stop()
    await client.get(`${api.url}/v3/plain`)
    expect(api.seen.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      ['/v3/people?page=2', 'Token t'],
      ['/v3/people', 'Token t'],
      ['/v3/plain', undefined],
    ])
  })

  it('keeps to the instance’s own baseURL', async () => {
    await using api = await startApi(() => ({}))
    const client = axios.create({ baseURL: `${api.url}/v3/beta/` })
    authorizeAxios(client, at(api.url), { token: 't' }, local)
    await client.get('people')
    expect(api.seen[0]?.url).toBe('/v3/beta/people')
  })

  it('refuses another origin', async () => {
    await using api = await startApi(() => ({}))
    await using other = await startApi(() => ({}))
    const client = axios.create()
    authorizeAxios(client, at(api.url), { token: 't' }, local)
    await expect(client.get(other.url)).rejects.toMatchObject({ code: 'MANIFEST_ORIGIN_REFUSED' })
    expect(other.seen).toEqual([])
  })
})
