import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { defineManifest, parseManifest } from '@mortise/manifest'
import { type PingModule, runPing } from '@mortise/manifest/ping'
import { describe, expect, it } from 'vitest'

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

  it('explains what the ping throws itself as a failed assertion, without the secret', async () => {
    const fetch = async () =>
      Response.json({ data: { error: { message: 'bad token lahar-secret-1' } } })
    const result = await runPing(lahar, { auth }, { fetch, exports: app })
    expect(result).toMatchObject({ ok: false, reason: 'assertion_failed' })
    expect(JSON.stringify(result)).not.toContain('lahar-secret-1')
    expect(JSON.stringify(result)).toContain('bad token [redacted]')
  })
})
