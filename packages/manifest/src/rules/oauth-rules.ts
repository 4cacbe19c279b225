import { formatPath } from '../diagnostic.ts'
import { isSecretReference } from '../secrets.ts'
import { templateNames } from '../template.ts'
import { checkHeaders, checkTexts, checkTokenPlacement } from './authentication-rules.ts'
import { listOf, objectOf, type RuleContext, textOf } from './rule.ts'
import { checkUrlTemplate } from './url-rules.ts'

type Loose = Readonly<Record<string, unknown>>
const ROOT = ['authentication', 'oauth_access_fields'] as const

/** Parameters of the authorization request that the flow itself sets. @see https://www.rfc-editor.org/rfc/rfc6749#section-4.1.1 */
export const RESERVED_AUTHORIZE_PARAMETERS: ReadonlySet<string> = new Set([
  'client_id',
  'code_challenge',
  'code_challenge_method',
  'redirect_uri',
  'response_type',
  'scope',
  'state',
])

/** Endpoints, client, placement and parameters of `oauth_2`. */
export function checkOauth(document: Loose, context: RuleContext): void {
  const authentication = objectOf(document.authentication)
  if (authentication.type !== 'oauth_2') return
  const oauth = objectOf(authentication.oauth_access_fields)
  if (Object.keys(oauth).length === 0) return
  const { names } = context
  checkEndpoints(oauth, context, names.fields)
  checkClient(oauth, context)
  checkTokenPlacement(oauth, [...ROOT], context, names.request)
  checkReserved(authentication, context)
  checkScope(oauth, context)
  checkParameterNames(oauth, context)
  checkTokenTemplates(oauth, context)
  if (authentication.query_string !== undefined)
    checkTexts(
      authentication.query_string,
      ['authentication', 'query_string'],
      context,
      names.fields,
    )
}

function checkTokenTemplates(oauth: Loose, context: RuleContext): void {
  const names = context.names.token
  const { token_headers, token_params, refresh_params } = oauth
  if (token_headers !== undefined)
    checkHeaders(token_headers, [...ROOT, 'token_headers'], context, names)
  if (token_params !== undefined)
    checkTexts(token_params, [...ROOT, 'token_params'], context, names)
  if (refresh_params !== undefined)
    checkTexts(refresh_params, [...ROOT, 'refresh_params'], context, names)
}

function checkEndpoints(oauth: Loose, context: RuleContext, names: ReadonlySet<string>): void {
  for (const name of ['authorize_url', 'access_token_url', 'refresh_token_url'])
    checkUrlTemplate(oauth[name], [...ROOT, name], context, names)
  if (oauth.authorize_url === undefined && oauth.grant_type !== 'client_credentials')
    context.report.error('MANIFEST_PROPERTY_MISSING', [...ROOT, 'authorize_url'], {
      message: `${formatPath([...ROOT, 'authorize_url'])} is missing.`,
      hint: 'Add it, or "grant_type": "client_credentials" when no user signs in.',
    })
}

/** What people write where the secret will be; a real one is never removed for them. */
const STAND_IN = /^<?(?:your|my|the)?[ _-]?(?:client)?[ _-]?secret>?$/i

function checkClient(oauth: Loose, { report }: RuleContext): void {
  const secret = textOf(oauth.client_secret)
  const path = [...ROOT, 'client_secret']
  if (secret === undefined) {
    if (oauth.client_secret !== undefined || oauth.token_auth_method === 'none') return
    report.error('MANIFEST_PROPERTY_MISSING', path, {
      message: `${formatPath(path)} is missing.`,
      hint: 'Add a reference such as PLUGA_CLIENT_SECRET, or "token_auth_method": "none".',
    })
  } else if (!isSecretReference(secret) && !isPlaceholder(secret)) {
    report.strict('MANIFEST_SECRET_COMMITTED', path, {
      message: `${formatPath(path)} holds a value instead of a reference to one.`,
      hint: 'Write a name in capitals such as PLUGA_CLIENT_SECRET. A secret that was here is known: replace it.',
      ...(STAND_IN.test(secret) && {
        fix: {
          description: 'Write PLUGA_CLIENT_SECRET',
          changes: [{ set: path, value: 'PLUGA_CLIENT_SECRET' }],
        },
      }),
    })
  }
}

function isPlaceholder(text: string): boolean {
  return /^\{[a-z][a-z0-9_]*\}$/i.test(text) && templateNames(text).length === 1
}

function checkReserved(authentication: Loose, { report }: RuleContext): void {
  for (const name of Object.keys(objectOf(authentication.query_string))) {
    if (!RESERVED_AUTHORIZE_PARAMETERS.has(name)) continue
    const path = ['authentication', 'query_string', name]
    report.error('MANIFEST_QUERY_RESERVED', path, {
      message: `${formatPath(path)} is set by the flow itself.`,
      hint: 'Remove it.',
      at: 'key',
      fix: { description: 'Remove it', changes: [{ remove: path }] },
    })
  }
}

/** Without a state a forged callback looks like a real one. */
function checkParameterNames(oauth: Loose, { report }: RuleContext): void {
  const path = [...ROOT, 'authorize_param_names', 'state']
  if (objectOf(oauth.authorize_param_names).state !== '') return
  report.error('MANIFEST_VALUE_INVALID', path, {
    message: `${formatPath(path)} leaves out the state, which protects against forged callbacks.`,
    hint: 'Name the parameter that the provider returns unchanged.',
  })
}

function checkScope(oauth: Loose, { report }: RuleContext): void {
  const separator = textOf(oauth.scope_separator) ?? ' '
  for (const [index, scope] of listOf(oauth.scope).entries()) {
    if (typeof scope !== 'string' || !scope.includes(separator)) continue
    const path = [...ROOT, 'scope', index]
    report.warning('MANIFEST_SCOPE_INVALID', path, {
      message: `${formatPath(path)} contains the separator between scopes.`,
      hint: 'List every scope on its own.',
    })
  }
}
