import { objectOf, textOf } from '../rules/rule.ts'

type Loose = Readonly<Record<string, unknown>>

/** The `authentication` of one security scheme, or in words why there is none. @see https://spec.openapis.org/oas/v3.1.1#security-scheme-object */
export function importScheme(scheme: Loose): Record<string, unknown> | string {
  switch (scheme.type) {
    case 'apiKey':
      return importApiKey(scheme)
    case 'http':
      return importHttp(scheme)
    case 'basic':
      return basic()
    case 'oauth2':
      return importOauth(scheme)
    case 'openIdConnect':
      return 'is openIdConnect: look up its endpoints and write an oauth_2 authentication'
    default:
      return `is of a type that a manifest cannot express (${textOf(scheme.type)?.slice(0, 40) ?? 'none'})`
  }
}

function importApiKey(scheme: Loose): Record<string, unknown> | string {
  const name = textOf(scheme.name)
  if (name === undefined) return 'has no name'
  const field = {
    name: 'api_key',
    label: textOf(scheme.description) ?? 'API key',
    type: 'password',
    mapping: name,
  }
  if (scheme.in === 'header') return { type: 'pass_through_header', fields: [field] }
  if (scheme.in === 'query') return { type: 'pass_through_query_string', fields: [field] }
  return 'is an API key in a cookie, which a manifest does not send'
}

function importHttp(scheme: Loose): Record<string, unknown> | string {
  const name = textOf(scheme.scheme)?.toLowerCase()
  if (name === 'basic') return basic()
  if (name !== 'bearer')
    return `uses the HTTP scheme "${name?.slice(0, 40)}", which a manifest cannot express`
  return {
    type: 'pass_through_header',
    fields: [
      {
        name: 'token',
        label: 'Token',
        type: 'password',
        mapping: 'Authorization',
        prefix: 'Bearer',
      },
    ],
  }
}

function basic(): Record<string, unknown> {
  return {
    type: 'basic_auth',
    fields: [
      { name: 'username', label: 'User name', type: 'text', mapping: 'username' },
      { name: 'password', label: 'Password', type: 'password', mapping: 'password' },
    ],
  }
}

function importOauth(scheme: Loose): Record<string, unknown> | string {
  const flows = objectOf(scheme.flows)
  const swagger = scheme.flow === 'accessCode' || scheme.flow === 'application' ? scheme : undefined
  const code = objectOf(
    flows.authorizationCode ?? (scheme.flow === 'accessCode' ? swagger : undefined),
  )
  const machine = objectOf(
    flows.clientCredentials ?? (scheme.flow === 'application' ? swagger : undefined),
  )
  const isCode = textOf(code.tokenUrl) !== undefined
  const flow = isCode ? code : machine
  if (textOf(flow.tokenUrl) === undefined)
    return 'has neither the authorization code nor the client credentials flow'
  const scopes = Object.keys(objectOf(flow.scopes))
  return {
    type: 'oauth_2',
    oauth_access_fields: {
      client_id: isCode ? 'CLIENT_ID' : '{client_id}',
      client_secret: isCode ? 'CLIENT_SECRET' : '{client_secret}',
      ...(isCode ? { authorize_url: flow.authorizationUrl } : { grant_type: 'client_credentials' }),
      access_token_url: flow.tokenUrl,
      ...(textOf(flow.refreshUrl) !== undefined && { refresh_token_url: flow.refreshUrl }),
      access_token_placement: 'header_bearer',
      ...(scopes.length > 0 && { scope: scopes }),
    },
    ...(!isCode && {
      fields: [
        { name: 'client_id', label: 'Client ID', type: 'text' },
        { name: 'client_secret', label: 'Client secret', type: 'password' },
      ],
    }),
  }
}
