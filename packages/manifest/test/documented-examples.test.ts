import { readFileSync } from 'node:fs'
import { applyAuth, parseManifest } from '@mortise/manifest'
import { describe, expect, it } from 'vitest'

function readDocumented(name: string): string {
  return readFileSync(new URL(`./fixtures/documented/${name}.json`, import.meta.url), 'utf8')
}

function documented(name: string) {
  const parsed = parseManifest(readDocumented(name), { dialect: 'strict' })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.diagnostics, null, 1))
  return parsed.manifest
}

describe('the documented examples', () => {
  it.each(['asana', 'google-contacts', 'zendesk', 'agendor', 'magento', 'paypal', 'jira'])(
    '%s parses strict without a diagnostic',
    (name) => {
      expect(parseManifest(readDocumented(name)).diagnostics).toEqual([])
    },
  )

  const url = 'https://api.example.com/v1/things?a=b%20c#top'

  it('asana puts the token after Bearer', () => {
    expect(applyAuth(documented('asana'), { access_token: 'abc' }, { url })).toEqual({
      url,
      headers: { Authorization: 'Bearer abc' },
    })
  })

  it('zendesk joins user and password with its own format, in base64', () => {
    const auth = { subdomain: 'acme', email: 'ana@acme.com', token: 's3cret' }
    expect(applyAuth(documented('zendesk'), auth, { url: '/tickets.json' })).toEqual({
      url: 'https://acme.zendesk.com/api/v2/tickets.json',
      headers: { Authorization: `Basic ${btoa('ana@acme.com/token:s3cret')}` },
    })
  })

  it('agendor puts prefix, one space and the token into the mapped header', () => {
    expect(applyAuth(documented('agendor'), { token: '0123456789' }, { url }).headers).toEqual({
      Authorization: 'Token 0123456789',
    })
  })

  it('magento sends its fields as query parameters, but not the one that is the address', () => {
    const auth = { site: 'https://shop.example.com', api_user: 'ana', api_key: 'k&y' }
    expect(applyAuth(documented('magento'), auth, { url: '?wsdl' }).url).toBe(
      'https://shop.example.com/api/v2_soap?wsdl&api_user=ana&api_key=k%26y',
    )
  })

  it('paypal adds nothing', () => {
    expect(applyAuth(documented('paypal'), {}, { url, headers: { accept: '*/*' } })).toEqual({
      url,
      headers: { accept: '*/*' },
    })
  })
})
