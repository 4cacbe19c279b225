import { parseManifest } from '@mortise/manifest'
import { importOpenApi } from '@mortise/manifest/openapi'
import { describe, expect, it } from 'vitest'

const base = {
  openapi: '3.0.3',
  info: { title: 'Ação & Cia. API' },
  servers: [{ url: 'https://api.acme.com' }],
}

function authenticationOf(scheme: object) {
  return importOpenApi({ ...base, components: { securitySchemes: { it: scheme } } })
}

/** Fills in what a person would, and reads the result strict. */
function completed(imported: ReturnType<typeof importOpenApi>) {
  const text =
    'one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty'
  const document = {
    ...imported.document,
    website: 'https://acme.com',
    signup_url: 'https://acme.com',
    description: { pt_BR: text, en: text },
  }
  return parseManifest(JSON.stringify(document))
}

describe('importOpenApi', () => {
  it.each<[string, object, object]>([
    [
      'an API key in a header',
      { type: 'apiKey', in: 'header', name: 'X-Key' },
      { type: 'pass_through_header', fields: [{ mapping: 'X-Key' }] },
    ],
    [
      'an API key in the query',
      { type: 'apiKey', in: 'query', name: 'key' },
      { type: 'pass_through_query_string', fields: [{ mapping: 'key' }] },
    ],
    [
      'HTTP basic',
      { type: 'http', scheme: 'Basic' },
      { type: 'basic_auth', fields: [{ mapping: 'username' }, { mapping: 'password' }] },
    ],
    [
      'HTTP bearer',
      { type: 'http', scheme: 'bearer' },
      { type: 'pass_through_header', fields: [{ mapping: 'Authorization', prefix: 'Bearer' }] },
    ],
    [
      'the authorization code flow',
      {
        type: 'oauth2',
        flows: {
          authorizationCode: {
            authorizationUrl: 'https://a.com/a',
            tokenUrl: 'https://a.com/t',
            refreshUrl: 'https://a.com/r',
            scopes: { read: 'x' },
          },
        },
      },
      {
        type: 'oauth_2',
        oauth_access_fields: {
          authorize_url: 'https://a.com/a',
          access_token_url: 'https://a.com/t',
          refresh_token_url: 'https://a.com/r',
          scope: ['read'],
        },
      },
    ],
    [
      'the client credentials flow',
      { type: 'oauth2', flows: { clientCredentials: { tokenUrl: 'https://a.com/t', scopes: {} } } },
      {
        type: 'oauth_2',
        oauth_access_fields: { grant_type: 'client_credentials', client_id: '{client_id}' },
        fields: [{ name: 'client_id' }, { name: 'client_secret' }],
      },
    ],
  ])('takes over %s, and the result parses strict', (_what, scheme, authentication) => {
    const imported = authenticationOf(scheme)
    expect(imported.document.authentication).toMatchObject(authentication)
    expect(completed(imported).diagnostics.filter(({ severity }) => severity === 'error')).toEqual(
      [],
    )
  })

  it.each([
    [{ type: 'apiKey', in: 'cookie', name: 'sid' }, /cookie/],
    [{ type: 'http', scheme: 'digest' }, /digest/],
    [{ type: 'openIdConnect' }, /openIdConnect/],
    [{ type: 'mutualTLS' }, /mutualTLS/],
    [{ type: 'oauth2', flows: { implicit: { authorizationUrl: 'https://a.com' } } }, /neither/],
  ])('says that it cannot express %j', (scheme, note) => {
    const { notes, document } = authenticationOf(scheme)
    expect(notes.join('\n')).toMatch(note)
    expect(document.authentication).toEqual({ type: 'no_auth' })
  })

  it('makes servers environments and variables fields', () => {
    const { document } = importOpenApi({
      ...base,
      servers: [
        {
          url: 'https://{accountId}.acme.com/{v}',
          variables: { accountId: {}, v: { enum: ['v1', 'v2'], default: 'v1' } },
        },
        { url: 'https://sandbox.acme.com', description: 'Sandbox' },
      ],
    })
    expect(document).toMatchObject({
      app_id: 'acao_cia_api',
      api_base_uri: {
        production: { uri: 'https://{account_id}.acme.com/{v}', default: true },
        sandbox: { uri: 'https://sandbox.acme.com' },
      },
      authentication: {
        fields: [{ name: 'account_id' }, { name: 'v', enum: ['v1', 'v2'], default: 'v1' }],
      },
    })
  })

  it('reads Swagger 2.0', () => {
    const { document } = importOpenApi({
      swagger: '2.0',
      info: { title: 'Old' },
      host: 'api.old.com',
      basePath: '/v1',
      schemes: ['https'],
      securityDefinitions: { b: { type: 'basic' } },
    })
    expect(document).toMatchObject({
      api_base_uri: { production: { uri: 'https://api.old.com/v1' } },
      authentication: { type: 'basic_auth' },
    })
  })

  it.each([[null], [{}], [[]], ['openapi']])('%j is no OpenAPI document', (value) => {
    expect(() => importOpenApi(value)).toThrow(TypeError)
  })
})
