// Writes an entry of a public catalogue as a manifest, to find out what our grammar can express. What the
// entry does by a script of its own is left aside, as it is no declaration.
import { convertFields } from './convert-fields.ts'
import { convertClientCredentials, convertOauth } from './convert-oauth.ts'
import { convertTwoStep } from './convert-two-step.ts'
import { Inexpressible, type Provider } from './provider.ts'
import { translateMap, translateTemplate } from './translate-template.ts'

type Loose = Record<string, unknown>

/** Properties that mean something our grammar has no words for. */
const FOREIGN: Readonly<Record<string, string>> = {
  require_client_certificate: 'a client certificate (mutual TLS)',
  signature: 'signed requests',
  assertion: 'a signed assertion',
  token: 'a self-made token',
  authorization_url_fragment: 'a fragment in the authorization address',
  authorization_code_param_in_webhook: 'a code that arrives by webhook',
  installation: 'an installation flow',
  token_response_headers: 'a token in response headers',
  refresh_token_headers: 'headers of the refresh only',
  expires_in_unit: 'an expiry in another unit',
  decode_url: 'an extra decoding step',
  request_params: 'request parameters of another protocol',
}

/** The `app.json` of an entry. @throws {Inexpressible} naming what there are no words for. */
export function convertProvider(id: string, provider: Provider): Loose {
  for (const [property, what] of Object.entries(FOREIGN))
    if (provider[property] !== undefined) throw new Inexpressible(what)
  if (provider.proxy?.body !== undefined) throw new Inexpressible('credentials in the body')
  const names = new Set<string>()
  const base = baseUri(provider, names)
  const authentication = authenticationOf(provider, names)
  const captured = capturedNames(authentication)
  const fields = convertFields(
    provider,
    new Set([...names].filter((name) => !captured.has(name) && name !== 'access_token')),
    authentication,
  )
  const ping = pingOf(provider, names)
  return {
    app_id: id.replaceAll(/[^a-z0-9]+/gi, '_').toLowerCase(),
    name: id,
    color: '#000000',
    description: {},
    website: 'https://example.com',
    signup_url: 'https://example.com',
    api_base_uri: { production: { uri: base, label: 'Production', default: true } },
    authentication: {
      ...authentication,
      ...(fields.length > 0 && { fields }),
      ...(ping && { ping_request: ping }),
    },
  }
}

/** Where the calls go. An entry without an address leaves it to the caller, as a field of ours. */
function baseUri(provider: Provider, names: Set<string>): string {
  const url = provider.proxy?.base_url
  if (url === undefined) return 'https://example.com'
  const [first = ''] = url.split(/\s*\|\|\s*/) // alternatives, the first of which is the usual one
  const translated = translateTemplate(first, names)
  return translated.replace(/^(?!https?:|\{)/, 'https://')
}

function authenticationOf(provider: Provider, names: Set<string>): Loose {
  switch (provider.auth_mode) {
    case 'API_KEY':
    case 'BASIC':
    case 'NONE':
      return { ...credentialOf(provider, names) }
    case 'OAUTH2':
      return convertOauth(provider, names, tokenPlacement(provider, names))
    case 'MCP_OAUTH2':
      if (provider.client_registration !== 'static')
        throw new Inexpressible('dynamic client registration')
      return convertOauth(provider, names, tokenPlacement(provider, names))
    case 'OAUTH2_CC':
      return convertClientCredentials(provider, names, tokenPlacement(provider, names))
    case 'TWO_STEP':
      return convertTwoStep(provider, names, tokenPlacement(provider, names))
    default:
      throw new Inexpressible(`the mode ${provider.auth_mode}`)
  }
}

/** API key and basic: every header and parameter of the entry is a template of ours. */
function credentialOf(provider: Provider, names: Set<string>): Loose {
  const headers = translateMap(provider.proxy?.headers, names)
  const query = translateMap(provider.proxy?.query, names)
  const isBasic =
    provider.auth_mode === 'BASIC' &&
    !Object.keys(headers).some((name) => name.toLowerCase() === 'authorization')
  if (isBasic) {
    names.add('username')
    names.add('password')
  }
  const usesKey = [
    ...Object.values(headers),
    ...Object.values(query),
    provider.proxy?.base_url ?? '',
  ]
  if (provider.auth_mode === 'API_KEY' && !usesKey.some((text) => /\{|\$/.test(text)))
    throw new Inexpressible('an API key that the entry sends nowhere')
  return { type: isBasic ? 'basic_auth' : 'no_auth', ...requestOf(headers, query) }
}

function requestOf(headers: Record<string, string>, query: Record<string, string>): Loose {
  const hasHeaders = Object.keys(headers).length > 0
  const hasQuery = Object.keys(query).length > 0
  if (!hasHeaders && !hasQuery) return {}
  return { request: { ...(hasHeaders && { headers }), ...(hasQuery && { query }) } }
}

/** Bearer, unless the entry writes the token somewhere itself. */
function tokenPlacement(provider: Provider, names: Set<string>): Loose {
  const headers = translateMap(provider.proxy?.headers, names)
  const query = translateMap(provider.proxy?.query, names)
  const own = Object.entries(headers).find(([, value]) => value.includes('{access_token}'))
  const parameter = Object.entries(query).find(([, value]) => value === '{access_token}')
  const rest = requestOf(
    Object.fromEntries(Object.entries(headers).filter((entry) => entry[0] !== own?.[0])),
    Object.fromEntries(Object.entries(query).filter((entry) => entry[0] !== parameter?.[0])),
  )
  if (own)
    return {
      access_token_placement: 'header',
      access_token_header: own[0],
      access_token_format: own[1],
      ...rest,
    }
  if (parameter)
    return {
      access_token_placement: 'query_string',
      access_token_on_query_string_replacement: parameter[0],
      ...rest,
    }
  return { access_token_placement: 'header_bearer', ...rest }
}

function capturedNames(authentication: Loose): Set<string> {
  const oauth = (authentication.oauth_access_fields ?? {}) as Loose
  const captures = [
    (oauth.token_response as Loose | undefined)?.capture,
    oauth.redirect_capture,
    (authentication.token_response as Loose | undefined)?.capture,
  ]
  const steps = ((authentication.token_requests ?? []) as Loose[]).map(({ capture }) => capture)
  return new Set([...captures, ...steps].flatMap((capture) => Object.keys(capture ?? {})))
}

function pingOf(provider: Provider, names: Set<string>): Loose | undefined {
  const {
    method = 'GET',
    endpoints = [],
    headers,
    base_url_override,
    data,
  } = provider.proxy?.verification ?? {}
  const [endpoint] = endpoints
  if (endpoint === undefined) return undefined
  return {
    path: translateTemplate(endpoint, names),
    http_method: method,
    ...(headers && { headers: translateMap(headers, names) }),
    ...(base_url_override !== undefined && {
      base_uri: translateTemplate(base_url_override, names),
    }),
    ...(data !== undefined && { body: data }),
  }
}
