import { fixManifest, parseManifest } from '@mortise/manifest'
import { describe, expect, it } from 'vitest'
import { changed, documentedText } from './sample-documents.ts'

describe('fixManifest', () => {
  it('changes nothing in a document without findings', () => {
    const text = documentedText('zendesk')
    expect(fixManifest(text)).toEqual({ text, applied: [], remaining: [] })
  })

  it('upgrades an app of an older generation until the strict dialect is content', () => {
    const old = changed('asana', (d) => {
      d.version = '0.0.1'
      d.colour = d.color
      delete d.color
      d.authentication.oauth_access_fields.redirect_uri = 'https://manage.example.com/oauth2/asana'
      d.authentication.oauth_access_fields.audience = 'asana'
      d.authentication.ping_request = { method: '/users/me' }
      d.authentication.status = { field: 'data.ok', value: 'true' }
      delete d.api_base_uri.production.default
    })
    const text = `\uFEFF// an app\n${old.replace('"name"', '/* shown */ "name"').slice(0, -2)},\n}\n`
    const fixed = fixManifest(text)
    expect(fixed.remaining).toEqual([])
    expect(fixManifest(fixed.text).text).toBe(fixed.text)
    const parsed = parseManifest(fixed.text)
    expect(parsed.ok && parsed.manifest.authentication).toMatchObject({
      query_string: { audience: 'asana' },
      ping_request: { method_name: '/users/me', expect: { path: 'data.ok', equals: 'true' } },
    })
  })

  it('moves what stands in the wrong object and keeps the rest of the text', () => {
    const text = changed('magento', (d) => {
      d.authentication = { ping_request: { method_name: '/login', ...d.authentication } }
    })
    const fixed = fixManifest(text)
    expect(fixed.remaining).toEqual([])
    expect(fixed.text.split('"authentication"')[0]).toBe(text.split('"authentication"')[0])
  })

  it('leaves what only a person can decide', () => {
    const text = changed('asana', (d) => delete d.name)
    const fixed = fixManifest(text)
    expect(fixed.text).toBe(text)
    expect(fixed.remaining.map(({ code }) => code)).toEqual(['MANIFEST_PROPERTY_MISSING'])
  })
})
