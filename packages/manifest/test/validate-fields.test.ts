import { validateFields } from '@mortise/manifest'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import './seed.ts'
import { documented, manifestWith } from './sample-documents.ts'

const zendesk = documented('zendesk')
const good = { subdomain: 'acme', email: 'ana@acme.com', token: 'secret-token' }

function field(extra: object) {
  return manifestWith({
    type: 'pass_through_header',
    fields: [
      {
        name: 'key',
        label: { en: 'Key', pt_BR: 'Chave' },
        type: 'text',
        mapping: 'X-Key',
        ...extra,
      },
    ],
  })
}

function codesOf(extra: object, value: unknown): string[] {
  return validateFields(field(extra), { key: value }).problems.map(({ code }) => code)
}

describe('validateFields', () => {
  it('answers trimmed values', () => {
    expect(validateFields(zendesk, { ...good, subdomain: '  acme ' })).toEqual({
      ok: true,
      values: good,
      problems: [],
    })
  })

  it('answers every problem, by field and label, without the value', () => {
    const answer = validateFields(zendesk, { subdomain: 'ab', email: 'nobody-at-home', extra: 'x' })
    expect(answer.problems.map(({ field: name, code }) => [name, code])).toEqual([
      ['subdomain', 'FIELD_TOO_SHORT'],
      ['email', 'FIELD_FORMAT_INVALID'],
      ['token', 'FIELD_REQUIRED'],
      ['extra', 'FIELD_UNKNOWN'],
    ])
    expect(answer.problems[0]?.message).toBe('Subdomínio must have at least 3 characters.')
    expect(JSON.stringify(answer)).not.toContain('nobody-at-home')
  })

  it('names a field in the language that is asked for', () => {
    const answer = validateFields(field({}), {}, { locale: 'pt_BR' })
    expect(answer.problems[0]?.message).toBe('Chave must be filled in.')
  })

  it.each<[object, unknown, string[]]>([
    [{ mapping: undefined, validations: [{ name: 'max_length', value: 3 }] }, '😀😀😀', []],
    [
      { mapping: undefined, validations: [{ name: 'max_length', value: 3 }] },
      '😀😀😀😀',
      ['FIELD_TOO_LONG'],
    ],
    [{ validations: [{ name: 'min_length', value: 3 }] }, ' ab ', ['FIELD_TOO_SHORT']],
    [{ enum: ['a', 'b'] }, 'c', ['FIELD_NOT_ALLOWED']],
    [{ pattern: '[a-z]+' }, 'abc', []],
    [{ pattern: '[a-z]+' }, 'abc1', ['FIELD_PATTERN_MISMATCH']],
    [{ pattern: '[a-z]+' }, 'a'.repeat(2001), ['FIELD_TOO_LONG']],
    [{ format: 'hostname' }, 'acme.example.com', []],
    [{ format: 'hostname' }, 'acme/../x', ['FIELD_FORMAT_INVALID']],
    [{ format: 'uri' }, 'https://x.com', []],
    [{ format: 'uri' }, 'javascript:alert(1)', ['FIELD_FORMAT_INVALID']],
    [{ format: 'uuid' }, 'd10eadf9-8697-4f0c-ad3b-ad5947fafcb6', []],
    [{ format: 'uuid' }, 'd10eadf9', ['FIELD_FORMAT_INVALID']],
    [{ type: 'email' }, 'a@b', ['FIELD_FORMAT_INVALID']],
    [{ optional: true }, '', []],
    [{}, 'a\r\nb: c', ['FIELD_FORMAT_INVALID']],
    [{}, '日本', ['FIELD_FORMAT_INVALID']],
    [{}, 'ação', []],
    [{}, 5, ['FIELD_TYPE_INVALID']],
    [{}, null, ['FIELD_REQUIRED']],
  ])('%j with %j says %j', (extra, value, codes) => {
    expect(codesOf(extra, value)).toEqual(codes)
  })

  it.each([
    'http://shop.example.com',
    'https://10.0.0.1/admin',
    'https://a:b@shop.example.com',
    'https://localhost:8080',
  ])('refuses the address %s in the form already', (site) => {
    const answer = validateFields(documented('magento'), { site, api_user: 'ana', api_key: 'key' })
    expect(answer.problems).toEqual([
      {
        field: 'site',
        code: 'FIELD_ADDRESS_REFUSED',
        message: 'Site Completo (https://seusite.com) does not make an address that can be used.',
      },
    ])
  })

  it('lets a private address in when the host says so', () => {
    const values = { site: 'https://localhost:8080', api_user: 'ana', api_key: 'key' }
    expect(validateFields(documented('magento'), values, { allowPrivateNetwork: true }).ok).toBe(
      true,
    )
  })

  it('fills in defaults, and a hidden field has nothing else', () => {
    const manifest = field({ type: 'hidden', default: 'constant' })
    expect(validateFields(manifest, { key: 'other' })).toMatchObject({
      values: { key: 'constant' },
    })
    expect(validateFields(field({ default: 'd' }), {})).toMatchObject({ values: { key: 'd' } })
  })

  it('values that are not an object are the caller’s mistake', () => {
    expect(() => validateFields(zendesk, null as never)).toThrow(TypeError)
  })

  it('answers something for anything, and never what was typed', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('subdomain', 'email', 'token'), fc.anything()),
        fc.uuid(),
        (values, secret) => {
          const answer = validateFields(zendesk, { ...values, email: secret })
          expect(answer.ok).toBe(false)
          expect(JSON.stringify(answer)).not.toContain(secret)
        },
      ),
    )
  })
})
