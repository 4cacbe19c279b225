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

describe('the edits of a fix', () => {
  const stray = (text: string) => fixManifest(text).text

  it('keep the form of a document on one line', () => {
    const text = JSON.stringify(
      JSON.parse(changed('asana', (d) => Object.assign(d, { version: '1' }))),
    )
    expect(stray(text)).toBe(JSON.stringify(JSON.parse(documentedText('asana'))))
  })

  it.each([
    ['\n', '  '],
    ['\r\n', '  '],
    ['\n', '\t'],
  ])('keep line ends and indentation: %j %j', (lineEnd, unit) => {
    const form = (document: unknown) =>
      JSON.stringify(document, null, unit).replaceAll('\n', lineEnd)
    const wanted = JSON.parse(documentedText('agendor'))
    const old = structuredClone(wanted)
    const { fields, ...rest } = old.authentication
    const text = form({ ...old, authentication: rest, fields })
    expect(stray(text)).toBe(form({ ...wanted, authentication: { ...rest, fields } }))
  })

  it('make the object that a property belongs to, also where the last property made room', () => {
    const { authentication, ...rest } = JSON.parse(documentedText('agendor'))
    const text = JSON.stringify({ ...rest, ...authentication }, null, 2)
    expect(JSON.parse(stray(text))).toEqual({ ...rest, authentication })
  })

  it('take the only entry out of a list, and every second of equal ones', () => {
    const text = changed('zendesk', (d) => {
      d.authentication.fields[0].validations = Array.from({ length: 9 }, () => ({
        name: 'min_length',
        value: 3,
      }))
    })
    expect(JSON.parse(stray(text)).authentication.fields[0].validations).toEqual([
      { name: 'min_length', value: 3 },
    ])
  })

  it('of a thousand cost no more than reading', { timeout: 20_000 }, () => {
    const text = JSON.stringify(
      JSON.parse(
        changed('zendesk', (d) => {
          d.authentication.fields[0].validations = Array.from({ length: 5000 }, () => ({
            name: 'min_length',
            value: 3,
          }))
        }),
      ),
    )
    const parsed = parseManifest(text)
    expect(parsed.diagnostics.filter(({ fix }) => fix).length).toBeGreaterThan(900)
    expect(fixManifest(text).remaining).toEqual([])
  })
})
