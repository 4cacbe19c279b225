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
