import {
  type AppManifest,
  applyAuth,
  createRedactor,
  defineManifest,
  manifestTypes,
  parseManifest,
  requestCredentials,
  resolveBaseURI,
  validateFields,
} from '@mortise/manifest'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import './seed.ts'
import { documented, documentedText, manifestWith } from './sample-documents.ts'

const url = 'https://api.example.com/things'

function oauth(extra: object): AppManifest {
  const document = JSON.parse(documentedText('asana'))
  Object.assign(document.authentication.oauth_access_fields, extra)
  return defineManifest(document)
}

function header(extra: object): AppManifest {
  return manifestWith({
    type: 'pass_through_header',
    fields: [{ name: 'key', label: 'K', type: 'text', mapping: 'X-Key', ...extra }],
  })
}

function refusal(run: () => unknown) {
  try {
    run()
  } catch (error) {
    return error as Error & { code: string; kind: string }
  }
  throw new Error('nothing was refused')
}

describe('applyAuth', () => {
  it.each<[string, object, string]>([
    ['header_basic', { access_token_placement: 'header_basic' }, 'Basic tok'],
    ['header_bearer', { access_token_placement: 'header_bearer' }, 'Bearer tok'],
  ])('%s writes the raw token', (_name, extra, value) => {
    expect(applyAuth(oauth(extra), { access_token: 'tok' }, { url }).headers).toEqual({
      Authorization: value,
    })
  })

  it('query_string names the parameter access_token, or as it is told to', () => {
    const placement = { access_token_placement: 'query_string' }
    const auth = { access_token: 'a&b' }
    expect(applyAuth(oauth(placement), auth, { url }).url).toBe(`${url}?access_token=a%26b`)
    const slack = oauth({ ...placement, access_token_on_query_string_replacement: 'token' })
    expect(applyAuth(slack, auth, { url: `${url}?x=1` }).url).toBe(`${url}?x=1&token=a%26b`)
  })

  it('another header with its own format', () => {
    const custom = oauth({
      access_token_placement: 'header',
      access_token_header: 'X-Shop-Token',
      access_token_format: 'Token token={access_token}',
    })
    expect(applyAuth(custom, { access_token: 't' }, { url }).headers).toEqual({
      'X-Shop-Token': 'Token token=t',
    })
  })

  it('an empty prefix adds no space, mapping_format none either', () => {
    expect(applyAuth(header({ prefix: '' }), { key: 'k' }, { url }).headers).toEqual({
      'X-Key': 'k',
    })
    expect(
      applyAuth(header({ mapping_format: 'k={value};' }), { key: 'k' }, { url }).headers,
    ).toEqual({ 'X-Key': 'k=k;' })
  })

  it('basic auth without a password is the user name and a colon, in UTF-8', () => {
    const stripe = manifestWith({
      type: 'basic_auth',
      fields: [{ name: 'key', label: 'K', type: 'password', mapping: 'username' }],
    })
    expect(applyAuth(stripe, { key: 'senhá' }, { url }).headers).toEqual({
      Authorization: `Basic ${Buffer.from('senhá:').toString('base64')}`,
    })
  })

  it('request templates add headers and parameters, with base64 where asked', () => {
    const manifest = manifestWith({
      type: 'no_auth',
      fields: [
        { name: 'user', label: 'U', type: 'text' },
        { name: 'pass', label: 'P', type: 'password' },
        { name: 'team', label: 'T', type: 'text', optional: true },
      ],
      request: {
        headers: {
          'X-Auth': 'Key {base64({user}:{pass})}',
          Accept: 'application/vnd.api+json',
          'X-Team': '{team}',
        },
        query: { v: '2', u: '{user}' },
      },
    })
    expect(applyAuth(manifest, { user: 'ana', pass: 'p w' }, { url })).toEqual({
      url: `${url}?v=2&u=ana`,
      headers: { 'X-Auth': `Key ${btoa('ana:p w')}`, Accept: 'application/vnd.api+json' },
    })
  })

  it('replaces a header and a parameter of the same name and keeps everything else', () => {
    const request = {
      url: `${url}?access_token=old&a=%20b`,
      headers: { authorization: 'old', a: 'b' },
      method: 'PUT',
      body: 'x',
    }
    const signed = applyAuth(oauth({}), { access_token: 't' }, request)
    expect(signed).toEqual({ ...request, headers: { a: 'b', Authorization: 'Bearer t' } })
    expect(request.headers).toEqual({ authorization: 'old', a: 'b' })
    const inQuery = oauth({ access_token_placement: 'query_string' })
    expect(applyAuth(inQuery, { access_token: 't' }, request).url).toBe(
      `${url}?a=%20b&access_token=t`,
    )
  })

  it.each([
    ['a line break', 'a\r\nX-Evil: 1'],
    ['a null byte', 'a\0b'],
    ['characters outside Latin-1', '日本'],
    ['a space at the end', 'abc '],
  ])('refuses %s in a header, naming the field and not the value', (_what, value) => {
    const error = refusal(() => applyAuth(header({}), { key: value }, { url }))
    expect(error).toMatchObject({
      kind: 'auth',
      code: 'MANIFEST_CREDENTIAL_INVALID',
      details: { field: 'key' },
    })
    expect(error.message).toContain('"key"')
    expect(JSON.stringify(error) + error.stack).not.toContain(value)
  })

  it('refuses a colon in a user name and control characters in either half', () => {
    const zendesk = documented('zendesk')
    const auth = { subdomain: 'acme', email: 'a@b.co', token: 't' }
    for (const bad of [{ email: 'a:b@c.co' }, { email: 'a\nb' }, { token: 'a\u007fb' }])
      expect(refusal(() => applyAuth(zendesk, { ...auth, ...bad }, { url })).code).toBe(
        'MANIFEST_CREDENTIAL_INVALID',
      )
  })

  it('a missing credential names the field', () => {
    expect(refusal(() => applyAuth(oauth({}), {}, { url }))).toMatchObject({
      kind: 'auth',
      code: 'MANIFEST_CREDENTIAL_MISSING',
      details: { field: 'access_token' },
    })
  })

  it('inherited properties are no credentials', () => {
    expect(refusal(() => applyAuth(header({ name: 'constructor' }), {}, { url })).code).toBe(
      'MANIFEST_CREDENTIAL_MISSING',
    )
  })

  it('a url that is not a text is the caller’s mistake', () => {
    expect(() => applyAuth(oauth({}), { access_token: 't' }, { url: 5 as never })).toThrow(
      TypeError,
    )
  })

  it('never puts a secret into an error, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 8 }), (secret) => {
        for (const manifest of [
          documented('agendor'),
          documented('zendesk'),
          documented('magento'),
        ]) {
          const auth = {
            token: secret,
            subdomain: secret,
            email: secret,
            site: secret,
            api_user: secret,
            api_key: secret,
          }
          try {
            applyAuth(manifest, auth, { url: '/x' })
          } catch (error) {
            expect(error).toMatchObject({ kind: 'auth' })
            expect(
              `${String(error)} ${JSON.stringify(error)} ${(error as Error).stack}`,
            ).not.toContain(secret)
          }
        }
      }),
    )
  })
})

describe('resolveBaseURI', () => {
  const zendesk = documented('zendesk')
  const magento = documented('magento')

  it('fills placeholders in the host and in the path', () => {
    expect(resolveBaseURI(zendesk, { auth: { subdomain: 'acme' } })).toBe(
      'https://acme.zendesk.com/api/v2',
    )
    const path = manifestWith(
      { type: 'pass_through_query_string', fields: [{ name: 'team', label: 'T', type: 'text' }] },
      'https://x.com/{team}/v1/',
    )
    expect(resolveBaseURI(path, { auth: { team: 'a/b?c' } })).toBe('https://x.com/a%2Fb%3Fc/v1')
  })

  it('takes a whole address for a placeholder at the start, with or without scheme and slash', () => {
    for (const site of [
      'https://shop.example.com',
      'https://shop.example.com/',
      'shop.example.com',
    ])
      expect(resolveBaseURI(magento, { auth: { site } })).toBe(
        'https://shop.example.com/api/v2_soap',
      )
    expect(resolveBaseURI(magento, { auth: { site: 'https://shop.example.com/sub' } })).toBe(
      'https://shop.example.com/sub/api/v2_soap',
    )
  })

  it('chooses the environment by name, and the default without one', () => {
    const manifest = structuredClone(documented('asana')) as AppManifest
    manifest.api_base_uri.sandbox = { uri: 'https://sandbox.asana.com', label: 'Sandbox' }
    expect(resolveBaseURI(manifest)).toBe('https://app.asana.com/api/1.0')
    expect(resolveBaseURI(manifest, { env: 'sandbox' })).toBe('https://sandbox.asana.com')
    expect(refusal(() => resolveBaseURI(manifest, { env: 'toString' })).code).toBe(
      'MANIFEST_ENVIRONMENT_UNKNOWN',
    )
  })

  it.each([
    'http://shop.example.com',
    'https://user:pass@shop.example.com',
    'https://localhost',
    'https://127.0.0.1',
    'https://2130706433',
    'https://0x7f.1',
    'https://017700000001',
    'https://169.254.169.254/latest',
    'https://10.0.0.8',
    'https://172.20.1.1',
    'https://192.168.0.1',
    'https://100.64.0.1',
    'https://[::1]',
    'https://[::ffff:127.0.0.1]',
    'https://[fd00::1]',
    'https://[fe80::1]',
    'https://[64:ff9b::7f00:1]',
    'https://[2002:7f00:1::]',
    'https://metadata.google.internal',
    'https://printer.local',
    'https://intranet',
    'https://localhost.',
    'https://localhost..',
    'https://127.0.0.1..',
    'https://a.localdomain',
    'https://[64:ff9b:1::808:808]',
    'https://[2001:2::1]',
    'https://[3fff::1]',
    'ftp://shop.example.com',
    'javascript:alert(1)',
    'file:///etc/passwd',
    'https://shop.example.com?x=1',
    'https://shop.example.com#x',
    'https://①②⑦.⓪.⓪.①',
    'https://',
    'not a host',
  ])('refuses %s as a site', (site) => {
    expect(refusal(() => resolveBaseURI(magento, { auth: { site } }))).toMatchObject({
      kind: 'auth',
    })
  })

  it.each([
    'evil.com/',
    'evil.com#',
    'evil.com?',
    'a@evil.com',
    'a:b@evil.com',
    '127.0.0.1/',
    'x\\evil.com',
    '-a',
    'a b',
    'ä',
  ])('refuses %s as a subdomain', (subdomain) => {
    expect(refusal(() => resolveBaseURI(zendesk, { auth: { subdomain } }))).toMatchObject({
      kind: 'auth',
    })
  })

  it.each([
    ['https://shop.example.com\\@127.0.0.1', 'https://shop.example.com/@127.0.0.1/api/v2_soap'],
    ['https://sh\nop.example.com', 'https://shop.example.com/api/v2_soap'],
    ['https://shop.example.com/a/../..', 'https://shop.example.com/api/v2_soap'],
    ['https:///SHOP.example.com', 'https://shop.example.com/api/v2_soap'],
  ])('sends to %j as it was understood when it was checked', (site, sent) => {
    expect(resolveBaseURI(magento, { auth: { site } })).toBe(sent)
  })

  it('holds a site to the hosts that the manifest allows', () => {
    const shop = manifestWith(
      {
        type: 'pass_through_query_string',
        fields: [{ name: 'site', label: 'S', type: 'text', host_pattern: '*.shops.example.com' }],
      },
      '{site}/api',
    )
    expect(resolveBaseURI(shop, { auth: { site: 'a.shops.example.com' } })).toBe(
      'https://a.shops.example.com/api',
    )
    for (const site of ['evil.com', 'shops.example.com.evil.com', 'xshops.example.com'])
      expect(refusal(() => resolveBaseURI(shop, { auth: { site } })).code).toBe(
        'MANIFEST_HOST_REFUSED',
      )
  })

  it('lets tests and on-premises apps in when the host says so', () => {
    expect(
      resolveBaseURI(magento, {
        auth: { site: 'http://127.0.0.1:8080' },
        allowPrivateNetwork: true,
      }),
    ).toBe('http://127.0.0.1:8080/api/v2_soap')
  })

  it('whatever is typed as a subdomain, the host stays the provider’s', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), fc.webAuthority(), fc.ipV4(), fc.domain()),
        (subdomain) => {
          let base: string
          try {
            base = resolveBaseURI(zendesk, { auth: { subdomain } })
          } catch (error) {
            expect(error).toMatchObject({ kind: 'auth' })
            return
          }
          expect(new URL(base).hostname).toMatch(/\.zendesk\.com$/)
        },
      ),
      { numRuns: 1000 },
    )
  })
})

describe('requestCredentials', () => {
  it('answers what is added, for clients of any kind', () => {
    expect(requestCredentials(documented('agendor'), { token: 't' })).toEqual({
      headers: [['Authorization', 'Token t']],
      query: [],
    })
  })
})

describe('mistakes of the caller', () => {
  const manifest = documented('agendor')
  const request = { url: '/people' }

  it.each([undefined, null, 'text', {}, parseManifest('{}')])('no manifest: %j', (wrong) => {
    for (const call of [
      () => applyAuth(wrong as never, {}, request),
      () => requestCredentials(wrong as never, {}),
      () => resolveBaseURI(wrong as never),
      () => createRedactor(wrong as never, {}),
      () => validateFields(wrong as never, {}),
      () => manifestTypes(wrong as never),
    ])
      expect(call).toThrow(/^A manifest is needed, such as the "manifest" in what parseManifest/)
  })

  it.each([undefined, null, 'token'])('no values: %j', (auth) => {
    for (const call of [
      () => applyAuth(manifest, auth as never, request),
      () => createRedactor(manifest, auth as never),
    ])
      expect(call).toThrow(/^The values of the account are needed/)
  })

  it('no address', () => {
    for (const wrong of [undefined, {}, { url: new URL('https://a.b') }])
      expect(() => applyAuth(manifest, { token: 't' }, wrong as never)).toThrow(/request\.url/)
  })
})

it('headers may come as Headers', () => {
  const signed = applyAuth(
    documented('agendor'),
    { token: 't' },
    { url: '/people', headers: new Headers({ 'X-A': 'b', authorization: 'old' }) },
  )
  expect(signed.headers).toEqual({ 'x-a': 'b', Authorization: 'Token t' })
})
