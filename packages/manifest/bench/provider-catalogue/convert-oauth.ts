import { Inexpressible, type Provider } from './provider.ts'
import { nameOf, translateMap, translateTemplate } from './translate-template.ts'

type Loose = Record<string, unknown>

/** Parameters that our flow sets by itself. */
const OWN_TOKEN_PARAMETERS = new Set(['grant_type', 'code', 'redirect_uri', 'refresh_token'])
const OWN_AUTHORIZE_PARAMETERS = new Set(['response_type'])
const RESERVED = new Set([
  'client_id',
  'redirect_uri',
  'scope',
  'state',
  'code_challenge',
  'code_challenge_method',
])

/** An entry with the authorization code flow. */
export function convertOauth(provider: Provider, names: Set<string>, placement: Loose): Loose {
  const { request, ...token } = placement
  if (typeof provider.authorization_url !== 'string')
    throw new Inexpressible('no authorization address')
  const parameters = authorizeParameters(provider, names)
  const redirect = capture(provider.redirect_uri_metadata)
  return {
    type: 'oauth_2',
    oauth_access_fields: {
      client_id: 'CLIENT_ID',
      client_secret: 'CLIENT_SECRET',
      authorize_url: withoutEmpty(translateTemplate(provider.authorization_url, names)),
      ...tokenEndpoint(provider, names, 'authorization_code'),
      ...token,
      ...(provider.disable_pkce && { pkce: false }),
      ...(provider.authorization_code_param_in_callback && {
        code_param: provider.authorization_code_param_in_callback,
      }),
      ...(redirect && { redirect_capture: redirect }),
      ...parameterNames(provider),
    },
    ...(Object.keys(parameters).length > 0 && { query_string: parameters }),
    ...(request !== undefined && { request }),
  }
}

/** An entry where no user signs in. */
export function convertClientCredentials(
  provider: Provider,
  names: Set<string>,
  placement: Loose,
): Loose {
  const { request, ...token } = placement
  names.add('client_id')
  names.add('client_secret')
  return {
    type: 'oauth_2',
    oauth_access_fields: {
      client_id: '{client_id}',
      client_secret: '{client_secret}',
      grant_type: 'client_credentials',
      ...tokenEndpoint(provider, names, 'client_credentials'),
      ...token,
    },
    ...(request !== undefined && { request }),
  }
}

function tokenEndpoint(provider: Provider, names: Set<string>, grant: string): Loose {
  if (typeof provider.token_url !== 'string') throw new Inexpressible('several token addresses')
  const method = { basic: 'client_secret_basic', body: 'client_secret_post' }[
    provider.token_request_auth_method ?? 'body'
  ]
  if (method === undefined)
    throw new Inexpressible(`client authentication "${provider.token_request_auth_method}"`)
  if (provider.body_format === 'xml') throw new Inexpressible('an XML token request')
  const ownGrant = grantParameter(provider.token_params, grant)
  const own = (map: Provider['token_params']) =>
    translateMap(
      Object.fromEntries(
        Object.entries(map ?? {}).filter(([name]) => !OWN_TOKEN_PARAMETERS.has(name)),
      ),
      names,
    )
  const parameters = { ...own(provider.token_params), ...ownGrant }
  const refresh = { ...own(provider.refresh_params), ...own(provider.refresh_token_params) }
  const headers = translateMap(provider.token_headers, names)
  const captured = capture(provider.token_response_metadata)
  const path = provider.alternate_access_token_response_path ?? provider.token_response?.token
  return {
    access_token_url: translateTemplate(provider.token_url, names),
    ...(grant === 'authorization_code' && {
      refresh_token_url: translateTemplate(provider.refresh_url ?? provider.token_url, names),
    }),
    token_auth_method: method,
    ...(provider.body_format === 'json' && { token_request_format: 'json' }),
    ...(provider.token_request_method && {
      token_http_method: provider.token_request_method.toUpperCase(),
    }),
    ...(provider.scope_separator && { scope_separator: provider.scope_separator }),
    ...(provider.default_scopes && { scope: provider.default_scopes }),
    ...(Object.keys(parameters).length > 0 && { token_params: parameters }),
    ...(Object.keys(refresh).length > 0 && { refresh_params: refresh }),
    ...(Object.keys(headers).length > 0 && { token_headers: headers }),
    ...((captured || path) && {
      token_response: {
        ...(path && { access_token: path }),
        ...(captured && { capture: captured }),
      },
    }),
  }
}

/** Without a user any grant is one more parameter; with one only the code will do. */
function grantParameter(
  parameters: Provider['token_params'],
  grant: string,
): Record<string, string> {
  const declared = parameters?.grant_type
  if (declared === undefined || declared === grant) return {}
  if (grant === 'client_credentials') return { grant_type: String(declared) }
  throw new Inexpressible(`the grant ${String(declared).slice(0, 50)}`)
}

function authorizeParameters(provider: Provider, names: Set<string>): Record<string, string> {
  const parameters: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(provider.authorization_params ?? {})) {
    if (name === 'response_type' && value !== 'code')
      throw new Inexpressible(`response_type ${String(value).slice(0, 30)}`)
    if (OWN_AUTHORIZE_PARAMETERS.has(name)) continue
    if (name === 'scope') continue // scopes have their own place
    if (RESERVED.has(name)) throw new Inexpressible(`the reserved authorization parameter ${name}`)
    parameters[name] = value
  }
  return translateMap(parameters, names)
}

function parameterNames(provider: Provider): Loose {
  const replaced = Object.entries(provider.authorization_url_replacements ?? {})
  if (replaced.length === 0) return {}
  const names = replaced.map(([name, own]) => [name.replace(/=$/, ''), own.replace(/=$/, '')])
  return { authorize_param_names: Object.fromEntries(names) }
}

function capture(paths: readonly string[] | undefined): Record<string, string> | undefined {
  if (!paths || paths.length === 0) return undefined
  return Object.fromEntries(paths.map((path) => [nameOf(path), path]))
}

function withoutEmpty(url: string): string {
  return url.replace(/^(?!https?:|\{)/, 'https://')
}
