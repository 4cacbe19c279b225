import { inspect } from 'node:util'
import { runInNewContext } from 'node:vm'
import { AuthError } from '@mortise/errors'
import { applyAuth, createRedactor, REDACTED, secretNames } from '@mortise/manifest'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import './seed.ts'
import { documented, manifestWith } from './sample-documents.ts'

const zendesk = documented('zendesk')
const auth = { subdomain: 'acme', email: 'ana@acme.com', token: 's3cr3t/with+signs=' }
const redact = createRedactor(zendesk, auth)

describe('secretNames', () => {
  it('takes every field for secret, except one that only builds an address', () => {
    expect(secretNames(zendesk).slice(0, 2)).toEqual(['email', 'token'])
  })

  it('takes a field that a request template sends for secret, also when an address holds it', () => {
    const manifest = manifestWith(
      {
        type: 'no_auth',
        fields: ['key', 'tenant', 'region'].map((name) => ({ name, label: name, type: 'text' })),
        request: { query: { k: '{key}' }, headers: { 'X-Tenant': '{tenant}' } },
      },
      'https://{tenant}.{region}.example.com',
    )
    expect(secretNames(manifest).slice(0, 2)).toEqual(['key', 'tenant'])
    expect(secretNames(manifest)).not.toContain('region')
    expect(createRedactor(manifest, { key: 'live-key-1' })('?a=live-key-1')).toBe(`?a=${REDACTED}`)
  })

  it('follows secret: true and secret: false', () => {
    const manifest = manifestWith(
      {
        type: 'pass_through_header',
        fields: [
          { name: 'region', label: 'R', type: 'text', mapping: 'X-Region', secret: false },
          { name: 'tenant', label: 'T', type: 'text', secret: true },
        ],
      },
      'https://{tenant}.example.com',
    )
    expect(secretNames(manifest)).toContain('tenant')
    expect(secretNames(manifest)).not.toContain('region')
  })
})

describe('createRedactor', () => {
  it.each([
    ['as it is', `the token ${auth.token} is wrong`],
    ['percent-encoded', `https://x.com/?t=${encodeURIComponent(auth.token)}`],
    ['percent-encoded in lower case', encodeURIComponent(auth.token).toLowerCase()],
    ['percent-encoded twice', encodeURIComponent(encodeURIComponent(auth.token))],
    ['as a form', new URLSearchParams({ a: auth.token }).toString()],
    ['in JSON', JSON.stringify({ a: { b: auth.token } })],
    ['in base64', btoa(auth.token)],
    ['in base64 without padding', btoa(auth.token).replace(/=+$/, '')],
    ['in base64url', Buffer.from(auth.token).toString('base64url')],
    ['in somebody else’s base64', btoa(`user-7:${auth.token}:x`)],
    [
      'in the header that applyAuth makes',
      applyAuth(zendesk, auth, { url: 'https://x.com' }).headers.Authorization ?? '',
    ],
  ])('masks a secret %s', (_how, text) => {
    const masked = redact(text)
    expect(masked).toContain(REDACTED)
    expect(masked).not.toContain(auth.token)
    expect(Buffer.from(masked, 'base64').toString()).not.toContain(auth.token)
  })

  it('keeps what is no secret', () => {
    const value = { url: 'https://acme.zendesk.com/api', status: 401, tags: ['a', null, true] }
    expect(redact(value)).toEqual(value)
  })

  it('masks by name too, whatever the value', () => {
    expect(redact({ Token: 'x', nested: { access_token: 'y', refresh_token: 'z' }, a: 1 })).toEqual(
      {
        Token: REDACTED,
        nested: { access_token: REDACTED, refresh_token: REDACTED },
        a: 1,
      },
    )
  })

  it('masks parameters and headers by name, also when the value is an older secret', () => {
    expect(redact('GET https://x.com/a?TOKEN=older&page=2&access_token=z#top')).toBe(
      `GET https://x.com/a?TOKEN=${REDACTED}&page=2&access_token=${REDACTED}#top`,
    )
    expect(redact({ headers: { Authorization: 'Bearer older', accept: 'x' } })).toEqual({
      headers: { Authorization: REDACTED, accept: 'x' },
    })
  })

  it('masks errors with their causes and keeps their class', () => {
    const error = new AuthError(`no: ${auth.token}`, {
      cause: Object.assign(new Error(auth.token), { config: { headers: { a: auth.token } } }),
      details: { url: `https://x/?k=${auth.token}` },
    })
    const masked = redact(error)
    expect(masked).toBeInstanceOf(AuthError)
    expect(masked.message).toBe(`no: ${REDACTED}`)
    expect(everythingIn(masked)).not.toContain(auth.token)
    expect(error.message).toContain(auth.token)
  })

  it('survives cycles, deep nesting and things that are not data', () => {
    const cyclic: Record<string, unknown> = {
      token: auth.token,
      when: new Date(0),
      map: new Map([['k', auth.token]]),
    }
    cyclic.self = cyclic
    let deep: unknown = auth.token
    for (let depth = 0; depth < 100; depth++) deep = { deep }
    const masked = redact({
      cyclic,
      deep,
      url: new URL(`https://x.com/?a=${encodeURIComponent(auth.token)}`),
    })
    expect(everythingIn(masked)).not.toContain('s3cr3t')
    expect(masked.cyclic.self).toBe(masked.cyclic)
  })

  it('masks a secret as long as a certificate, or longer', () => {
    const token = 'k'.repeat(100_000)
    const mask = createRedactor(zendesk, { ...auth, token })
    expect(mask(`a ${token} b ${btoa(token)}`)).toBe(`a ${REDACTED} b ${REDACTED}`)
  })

  it('never lets a seeded secret through, in any form, at any place', () => {
    const secret = fc
      .string({ unit: 'grapheme', minLength: 8, maxLength: 40 })
      .filter((text) => text.trim().length >= 8)
    const forms = fc.constantFrom<(text: string) => string>(
      (text) => text,
      encodeURIComponent,
      (text) => Buffer.from(text).toString('base64'),
      (text) => Buffer.from(text).toString('base64url'),
      (text) => JSON.stringify(text),
      (text) => new URLSearchParams([['q', text]]).toString(),
    )
    fc.assert(
      fc.property(secret, forms, fc.string(), fc.string(), (token, form, before, after) => {
        const mask = createRedactor(zendesk, { subdomain: 'acme', email: 'ana@acme.com', token })
        const shown = form(token)
        // A form may appear in the surrounding text by chance only where it is part of it.
        fc.pre(!before.includes(shown) && !after.includes(shown))
        const masked = JSON.stringify(
          mask({ message: `${before} ${shown} ${after}`, [`${shown}`]: [shown] }),
        )
        expect(masked).not.toContain(JSON.stringify(shown).slice(1, -1))
      }),
      { numRuns: 300 },
    )
  })
})

/** All texts reachable from a value, also through what is not enumerable. */
function everythingIn(value: unknown, seen = new Set<unknown>()): string {
  if (typeof value !== 'object' || value === null) return String(value)
  if (seen.has(value)) return ''
  seen.add(value)
  const own = Reflect.ownKeys(value).map(
    (key) => `${String(key)} ${everythingIn(Reflect.get(value, key), seen)}`,
  )
  return `${own.join('\n')} ${value instanceof URL ? value.href : ''}`
}

const sharp = 'Zx9/Qw+7=k"\\ ç8-m'
const header = manifestWith({
  type: 'pass_through_header',
  fields: [{ name: 'token', label: 'T', type: 'password', mapping: 'X-Key' }],
})
const percent = encodeURIComponent

describe('createRedactor, on what others made of a secret', () => {
  const mask = createRedactor(header, { token: sharp })

  it.each([
    ['percent-encoded three times', percent(percent(percent(sharp)))],
    ['percent-encoded in mixed case', percent(sharp).replace('%2F', '%2f')],
    ['percent-encoded to the last mark', percent(sharp).replaceAll('-', '%2D')],
    ['in JSON inside JSON', JSON.stringify(JSON.stringify({ a: sharp }))],
    ['in JSON that escapes slashes', JSON.stringify(sharp).replaceAll('/', '\\/')],
    ['in JSON of ASCII only', JSON.stringify(sharp).replaceAll('ç', '\\u00E7')],
    ['in HTML', sharp.replaceAll('"', '&quot;').replaceAll('/', '&#x2F;')],
    ['in JSON inside a URL', percent(JSON.stringify({ a: sharp }))],
    ['in a Basic header of an OAuth client', btoa(`id:${percent(sharp).replace('-', '%2D')}`)],
  ])('masks a secret %s', (_how, text) => {
    const masked = mask(`before ${text} after`)
    expect(masked).toMatch(/^before .*\[redacted\].* after$/)
    expect(masked).not.toContain('Zx9')
    expect(Buffer.from(masked, 'base64').toString('latin1')).not.toContain('Zx9')
  })

  it('leaves the neighbours of an escaped secret alone', () => {
    expect(mask(`a%20b=${percent(sharp)}&c=%C3%A7%21`)).toBe(`a%20b=${REDACTED}&c=%C3%A7%21`)
  })

  it.each([
    ['backslashes', '\\'.repeat(500_000)],
    ['percent signs', '%25'.repeat(200_000)],
    ['beginnings of the secret', 'Zx9/'.repeat(200_000)],
  ])('takes no time over a text of %s', (_what, text) => {
    const started = performance.now()
    expect(mask(text)).toBe(text)
    expect(performance.now() - started).toBeLessThan(3000)
  })
})

describe('createRedactor, by name', () => {
  const mask = createRedactor(header, { token: sharp })

  it.each([
    ['a list', { headers: { 'x-key': ['an older one'] } }],
    ['an object', { token: { value: 'an older one' } }],
    ['a number', { token: 12345678 }],
    ['Headers', new Headers({ 'x-key': 'an older one' })],
    ['a property of an error', Object.assign(new Error('x'), { token: 'an older one' })],
  ])('masks %s', (_what, value) => {
    const shown = inspect(mask(value), { depth: 9 })
    expect(shown).toContain(REDACTED)
    expect(shown).not.toMatch(/an older one|12345678/)
  })

  it('keeps what a secret name says of a switch or an empty place', () => {
    expect(mask({ token: true, 'X-Key': null })).toEqual({ token: true, 'X-Key': null })
  })

  it.each([
    ['query_string', 'access_token_on_query_string_replacement', { url: '/?oauth_key=older' }],
    ['header', 'access_token_header', { oauth_key: 'older' }],
  ] as const)('knows where a manifest puts its token: %s', (placement, name, value) => {
    const manifest = manifestWith({
      type: 'oauth_2',
      oauth_access_fields: {
        client_id: 'ID',
        client_secret: 'SECRET',
        authorize_url: 'https://example.com/a',
        access_token_url: 'https://example.com/t',
        access_token_placement: placement,
        [name]: 'oauth_key',
      },
    })
    expect(JSON.stringify(createRedactor(manifest, {})(value))).not.toContain('older')
  })
})

describe('createRedactor, on values that fight back', () => {
  const mask = createRedactor(header, { token: sharp })
  const throwing = () => {
    throw new Error(sharp)
  }
  const revoked = () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    return proxy
  }

  it.each([
    ['a getter that throws', Object.defineProperty({}, 'a', { get: throwing, enumerable: true })],
    ['an error with one', Object.defineProperty(new Error('x'), 'a', { get: throwing })],
    ['a Proxy whose traps throw', new Proxy({}, { ownKeys: throwing, get: throwing })],
    ['a revoked Proxy', revoked()],
    ['a revoked Proxy as a cause', new Error('x', { cause: revoked() })],
    ['a URL whose host is secret', new URL('https://zx9qw7k8.example.com/a')],
    ['a symbol', { a: Symbol(sharp) }],
    ['a set and a map', [new Set([sharp]), new Map([[sharp, sharp]])]],
    ['bytes', { body: Buffer.from(sharp) }],
    ['a frozen error', Object.freeze(new Error(sharp))],
    [
      'an error of another realm',
      runInNewContext('Object.assign(new Error(s), { s })', { s: sharp }),
    ],
    ['a DOMException', new DOMException(sharp, 'AbortError')],
  ])('neither throws over %s nor shows the secret', (_what, value) => {
    for (const token of [sharp, 'zx9qw7k8']) {
      const shown = inspect(createRedactor(header, { token })(value), {
        depth: 9,
        showHidden: true,
      })
      expect(shown).not.toContain(token)
    }
  })

  it('masks a number that is the secret', () => {
    const pin = createRedactor(header, { token: 12345678 })
    expect(pin({ a: 12345678, b: 'x 12345678', c: 1 })).toEqual({
      a: REDACTED,
      b: `x ${REDACTED}`,
      c: 1,
    })
  })

  it('keeps name, message and class of a DOMException', () => {
    const masked = mask(new DOMException(`no ${sharp}`, 'AbortError'))
    expect([masked.name, masked.message]).toEqual(['AbortError', `no ${REDACTED}`])
    expect(masked).toBeInstanceOf(DOMException)
  })
})
