import { type AppManifest, type AuthOf, defineManifest, manifestTypes } from '@mortise/manifest'
import type { appManifestSchema } from '@mortise/manifest/zod'
import { describe, expect, expectTypeOf, it } from 'vitest'
import type { z } from 'zod'
import { documented } from './sample-documents.ts'

const identity = {
  app_id: 'x',
  name: 'X',
  color: '#000000',
  description: {},
  website: 'https://x.com',
  signup_url: 'https://x.com',
  api_base_uri: { production: { uri: 'https://x.com', label: 'X', default: true } },
} as const

describe('AuthOf', () => {
  it('has one text per field, absent where the form may leave it empty', () => {
    const manifest = defineManifest({
      ...identity,
      authentication: {
        type: 'basic_auth',
        fields: [
          { name: 'email', label: 'E', type: 'email', mapping: 'username' },
          { name: 'token', label: 'T', type: 'text', mapping: 'password', optional: true },
          { name: 'region', label: 'R', type: 'text', default: 'us' },
        ],
      },
    })
    expectTypeOf<AuthOf<typeof manifest>>().toEqualTypeOf<{
      email: string
      token?: string
      region?: string
    }>()
    expect(manifest.authentication.fields[0].name).toBe('email')
  })

  it('has the token and what is captured with oauth_2', () => {
    const manifest = defineManifest({
      ...identity,
      authentication: {
        type: 'oauth_2',
        oauth_access_fields: {
          client_id: 'ID',
          client_secret: 'SECRET',
          authorize_url: 'https://x.com/a',
          access_token_url: 'https://x.com/t',
          access_token_placement: 'header_bearer',
          token_response: { capture: { instance_url: 'instance_url' } },
          redirect_capture: { realm: 'realmId' },
        },
      },
    })
    expectTypeOf<AuthOf<typeof manifest>>().toEqualTypeOf<{
      instance_url: string
      realm: string
      access_token: string
    }>()
  })

  it('has what every step of two_step captures', () => {
    const manifest = defineManifest({
      ...identity,
      authentication: {
        type: 'two_step',
        fields: [{ name: 'key', label: 'K', type: 'password' }],
        token_requests: [
          { url: 'https://x.com/a', capture: { ticket: 't' } },
          { url: 'https://x.com/b', body: { ticket: '{ticket}', key: '{key}' } },
          { url: 'https://x.com/c', capture: { host: 'h' } },
        ],
        token_response: { capture: { region: 'r' } },
        access_token_placement: 'header_bearer',
      },
    })
    expectTypeOf<AuthOf<typeof manifest>>().toEqualTypeOf<{
      key: string
      ticket: string
      host: string
      region: string
      access_token: string
    }>()
    const source = manifestTypes(manifest as AppManifest)
    for (const name of ['key', 'ticket', 'host', 'region', 'access_token'])
      expect(source).toContain(`  ${name}: string\n`)
  })

  it('is empty with no_auth', () => {
    const manifest = defineManifest({ ...identity, authentication: { type: 'no_auth' } })
    expectTypeOf<keyof AuthOf<typeof manifest>>().toEqualTypeOf<never>()
    expect(manifest.authentication.type).toBe('no_auth')
  })

  it('a property that nobody knows is a type error', () => {
    // @ts-expect-error basic_auth has fields
    defineManifest({ ...identity, authentication: { type: 'basic_auth' } })
    // @ts-expect-error there is no such type
    defineManifest({ ...identity, authentication: { type: 'oauth2' } })
    expectTypeOf<z.infer<typeof appManifestSchema>>().toEqualTypeOf<AppManifest>()
  })
})

describe('manifestTypes', () => {
  it('says what AuthOf infers', () => {
    const source = manifestTypes(documented('everything'))
    expect(source).toContain('subdomain: string\n')
    expect(source).toContain('region?: string\n')
    expect(source).toContain('instance_url: string\n')
    expect(source).toContain('realm_id: string\n')
    expect(source).toContain('access_token: string\n')
    expect(source).toContain(`export type EverythingEnvironment = "production" | "sandbox"`)
  })

  it('cannot be broken out of', () => {
    const manifest = structuredClone(documented('agendor')) as AppManifest
    manifest.name = 'x */ export const evil = 1 /*\nexport const worse = 2'
    const [field] = manifest.authentication.fields ?? []
    if (field) Object.assign(field, { label: '*/ evil: any /*', name: 'a: any; b' })
    const source = manifestTypes(manifest)
    expect(source).toContain('"a: any; b": string')
    expect(source).not.toMatch(/^export const/m)
    expect(source).not.toContain('*/ e')
  })
})
