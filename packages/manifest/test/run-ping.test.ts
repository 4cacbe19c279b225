import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { inspect } from 'node:util'
import { defineManifest, parseManifest } from '@mortise/manifest'
import { type PingModule, runPing } from '@mortise/manifest/ping'
import axios from 'axios'
import { describe, expect, it } from 'vitest'
import { startApi } from './local-api.ts'

const asana = (() => {
  const text = readFileSync(new URL('./fixtures/documented/asana.json', import.meta.url), 'utf8')
  const parsed = parseManifest(text)
  if (!parsed.ok) throw new Error('the fixture is broken')
  return parsed.manifest
})()

const event = { auth: { access_token: 'tok-12345678' } }

describe('runPing with a declared request', () => {
  it('sends the documented request and answers how long it took', async () => {
    const seen: [string, RequestInit][] = []
    const ticks = [100, 142]
    const result = await runPing(asana, event, {
      fetch: async (url, init) => {
        seen.push([url, init])
        return Response.json({ data: {} })
      },
      now: () => ticks.shift() ?? 0,
    })
    expect(result).toEqual({ ok: true, latencyMs: 42 })
    expect(seen[0]?.[0]).toBe('https://app.asana.com/api/1.0/users/me?opt_fields=id')
    expect(new Headers(seen[0]?.[1].headers).get('authorization')).toBe('Bearer tok-12345678')
  })

  it.each([
    [401, 'invalid_credentials', 'auth'],
    [403, 'insufficient_scope', 'auth'],
    [404, 'misconfigured', 'permanent'],
    [429, 'rate_limited', 'rate_limit'],
    [503, 'unreachable', 'transient'],
  ] as const)('explains status %i as %s', async (status, reason, kind) => {
    const fetch = async () => new Response('{}', { status })
    const result = await runPing(asana, event, { fetch })
    expect(result).toMatchObject({ ok: false, reason, error: { kind, status } })
  })

  it('explains a refused connection as unreachable', async () => {
    const fetch = async () => {
      throw new TypeError('fetch failed', {
        cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }),
      })
    }
    expect(await runPing(asana, event, { fetch })).toMatchObject({
      ok: false,
      reason: 'unreachable',
    })
  })

  it('keeps what a user typed inside its part of the path', async () => {
    const typed = parseManifest(
      readFileSync(new URL('./fixtures/documented/agendor.json', import.meta.url), 'utf8').replace(
        '"name": "token"',
        '"name": "account", "label": "A", "type": "text", "mapping": "X-Account" }, { "name": "token"',
      ),
    ).manifest
    if (!typed) throw new Error('the fixture is broken')
    const authentication = { ...typed.authentication, ping_request: { path: '/of/{account}/me' } }
    const urls: string[] = []
    const fetch = async (url: string) => {
      urls.push(url)
      return Response.json({})
    }
    const auth = { account: '../admin?x=#', token: '0123456789' }
    await runPing({ ...typed, authentication } as typeof typed, { auth }, { fetch })
    expect(urls).toEqual([expect.stringMatching(/\/of\/\.\.%2Fadmin%3Fx%3D%23\/me$/)])
  })

  it('does not even begin when it is called off already', async () => {
    let calls = 0
    const exports: PingModule = { ping: () => calls++ }
    const signal = AbortSignal.abort()
    expect(await runPing(asana, event, { exports, signal })).toMatchObject({
      reason: 'unreachable',
    })
    expect(calls).toBe(0)
  })

  it('checks what the answer must hold', async () => {
    const expecting = structuredClone(asana) as typeof asana
    expecting.authentication.ping_request = {
      method_name: '/x',
      expect: { path: 'data.ok', equals: 'true' },
    }
    const answering = (body: unknown) =>
      runPing(expecting, event, { fetch: async () => Response.json(body) })
    expect(await answering({ data: { ok: true } })).toMatchObject({ ok: true })
    expect(await answering({ data: { ok: false } })).toMatchObject({
      ok: false,
      reason: 'assertion_failed',
    })
    expect(await answering({})).toMatchObject({ ok: false, reason: 'assertion_failed' })
  })

  it('tells a missing scope from a bad token', async () => {
    const headers = { 'www-authenticate': 'Bearer error="insufficient_scope", scope="admin"' }
    const fetch = async () => new Response('{}', { status: 403, headers })
    expect(await runPing(asana, event, { fetch })).toMatchObject({
      reason: 'insufficient_scope',
      error: { code: 'INSUFFICIENT_SCOPE' },
    })
  })

  it('follows a caller’s signal', async () => {
    const fetch = (_url: string, init: RequestInit) =>
      new Promise<Response>((_, reject) => {
        init.signal?.addEventListener('abort', () => reject(init.signal?.reason))
      })
    const result = await runPing(asana, event, { fetch, signal: AbortSignal.abort() })
    expect(result).toMatchObject({ ok: false, error: { code: 'ABORTED' } })
  })

  it('a caller’s signal with a text as its reason is no bug of the app', async () => {
    const controller = new AbortController()
    const pending = runPing(asana, event, {
      fetch: () => new Promise<Response>(() => {}),
      signal: controller.signal,
    })
    controller.abort('the user went away')
    expect(await pending).toMatchObject({
      ok: false,
      reason: 'unreachable',
      error: { code: 'ABORTED' },
    })
  })

  it('an answer without end, or a circle of redirects, is the app’s to correct', async () => {
    const large = async () => new Response('x'.repeat(6_000_000))
    const circle = async () => new Response(null, { status: 302, headers: { location: '/again' } })
    for (const fetch of [large, circle])
      expect(await runPing(asana, event, { fetch })).toMatchObject({
        ok: false,
        reason: 'misconfigured',
        error: { code: 'PROTOCOL' },
      })
  })

  it('an event without auth is the caller’s mistake', async () => {
    await expect(runPing(asana, {} as never)).rejects.toThrow(TypeError)
  })

  it('breaks off an API that never answers', async () => {
    const fetch = () => new Promise<Response>(() => {})
    const result = await runPing(asana, event, { fetch, timeoutMs: 20 })
    expect(result).toMatchObject({ ok: false, reason: 'unreachable' })
  })

  it('explains a missing credential without sending anything', async () => {
    const fetch = async () => Promise.reject(new Error('must not be called'))
    const result = await runPing(asana, { auth: {} }, { fetch })
    expect(result).toMatchObject({
      ok: false,
      reason: 'invalid_credentials',
      error: { code: 'MANIFEST_CREDENTIAL_MISSING' },
    })
  })
})

describe('runPing with an exported ping', () => {
  const lahar = defineManifest({
    ...asana,
    name: 'Lahar',
    authentication: {
      type: 'pass_through_query_string',
      fields: [{ name: 'token_api_lahar', label: 'Token', type: 'text' }],
    },
  })
  // The documented `lib/index.js`, word for word.
  const app: PingModule = createRequire(import.meta.url)('./fixtures/documented/lahar-index.cjs')
  const auth = { token_api_lahar: 'lahar-secret-1' }

  it('runs the documented ping on the stand-in', async () => {
    let asked = ''
    const fetch = async (url: string) => {
      asked = url
      return Response.json({ ok: true })
    }
    expect(await runPing(lahar, { auth }, { fetch, exports: app })).toMatchObject({ ok: true })
    expect(asked).toBe(
      'https://app.asana.com/api/1.0/api/custom_fields?token_api_lahar=lahar-secret-1',
    )
  })

  it('runs unchanged with axios itself', async () => {
    await using api = await startApi(({ url }) =>
      url.endsWith('token_api_lahar=lahar-secret-1')
        ? { body: { ok: true } }
        : { status: 401, body: { error: 'who are you' } },
    )
    const meta = { baseURI: api.url }
    const options = { exports: app, plg: { axios: axios.create() } }
    expect(await runPing(lahar, { auth, meta }, options)).toMatchObject({ ok: true })
    const wrong = await runPing(
      lahar,
      { auth: { token_api_lahar: 'wrong-secret-2' }, meta },
      options,
    )
    expect(wrong).toMatchObject({
      ok: false,
      reason: 'invalid_credentials',
      error: { status: 401 },
    })
    expect(inspect(wrong, { depth: 20, showHidden: true })).not.toContain('wrong-secret-2')
  })

  it('a slip in the ping is the author’s, not the user’s', async () => {
    const exports: PingModule = { ping: (_plg, event) => event.nothing.at.all }
    expect(await runPing(lahar, { auth }, { exports })).toMatchObject({
      ok: false,
      reason: 'misconfigured',
    })
  })

  it('takes the platform’s own errors at their word', async () => {
    const exports: PingModule = {
      ping: (plg) => {
        throw plg.errors.rateLimitError('slow down', 30)
      },
    }
    expect(await runPing(lahar, { auth }, { exports })).toMatchObject({
      ok: false,
      reason: 'rate_limited',
      error: { retryAfterMs: 30_000 },
    })
  })

  it('ping: true asks for an exported ping', async () => {
    const demanding = { ...asana, authentication: { ...asana.authentication, ping: true } }
    expect(await runPing(demanding, event)).toMatchObject({
      ok: false,
      reason: 'misconfigured',
      error: { code: 'MANIFEST_PING_MISSING' },
    })
  })

  it('explains what the ping throws itself as a failed assertion, without the secret', async () => {
    const fetch = async () =>
      Response.json({ data: { error: { message: 'bad token lahar-secret-1' } } })
    const result = await runPing(lahar, { auth }, { fetch, exports: app })
    expect(result).toMatchObject({ ok: false, reason: 'assertion_failed' })
    expect(JSON.stringify(result)).not.toContain('lahar-secret-1')
    expect(JSON.stringify(result)).toContain('bad token [redacted]')
  })
})

it('refuses a time that no timer can wait', async () => {
  for (const timeoutMs of [0, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31])
    await expect(runPing(asana, { auth: { access_token: 't' } }, { timeoutMs })).rejects.toThrow(
      /"timeoutMs"/,
    )
})

it('a lost connection says what was lost', async () => {
  const failure = Object.assign(new Error('getaddrinfo ENOTFOUND nowhere.example'), {
    code: 'ENOTFOUND',
  })
  const fetch = () => Promise.reject(new TypeError('fetch failed', { cause: failure }))
  const auth = { access_token: 'token-123' }
  expect(await runPing(asana, { auth }, { fetch })).toMatchObject({
    reason: 'unreachable',
    error: { code: 'NETWORK', message: 'getaddrinfo ENOTFOUND nowhere.example' },
  })
})
