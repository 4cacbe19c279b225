import { describe, expect, it } from 'vitest'
import { baseUrlOf } from '../src/base-url.ts'
import { everyAdapter } from './every-adapter.ts'

describe('baseUrlOf', () => {
  it('leaves out slashes at the end', () => {
    expect(baseUrlOf('https://example.com/api//')).toBe('https://example.com/api')
  })

  it('takes no secret: it would be shown by whatever fails', () => {
    for (const rest of ['user:secret@host', 'host/?token=secret', 'host/#secret']) {
      expect(() => baseUrlOf(`https://${rest}`)).toThrow(/^(?!.*secret)`baseUrl` must hold no user/)
    }
  })

  it.each(Object.entries(everyAdapter))(
    'is asked by the adapter of %s at once',
    (_name, create) => {
      for (const baseUrl of ['api.example.com', '', 'ftp://example.com', 'https://']) {
        expect(() => create({ baseUrl })).toThrow(/^`baseUrl` must be an address/)
      }
    },
  )
})
