import { AuthError, PermanentError, TransientError } from '@mortise/errors'
import {
  calculatePKCECodeChallenge,
  generateRandomCodeVerifier,
  generateRandomState,
} from 'oauth4webapi'
import type { AppManifest, OAuthAccessFields } from '../app-manifest.ts'
import { renderUrl } from '../base-uri.ts'
import { renderCredentials } from '../credentials.ts'
import { withQuery } from '../request-url.ts'
import { clientOf, fillClient, type OAuthOptions, oauthFieldsOf } from './oauth-options.ts'
import { requestTokens } from './token-request.ts'
import type { TokenSet } from './token-set.ts'

/**
 * One attempt to connect an account. Keep it on the server, bound to the user's session, and use it once:
 * it is what tells a forged callback from a real one. Plain JSON.
 */
export interface AuthorizationSession {
  state: string
  /** Absent when the manifest says `pkce: false`. */
  codeVerifier?: string
  redirectUri: string
  /** ISO 8601. */
  expiresAt: string
}

/** How long an attempt to connect is good for: ten minutes suffice for a sign-in. @see https://www.rfc-editor.org/rfc/rfc9700 */
export const SESSION_LIFETIME_MS = 600_000

/**
 * Makes the address to send the user to, and the session to keep. State and PKCE verifier are fresh
 * random values; PKCE is S256 unless the manifest says `pkce: false`.
 *
 * @throws {AuthError} MANIFEST_CREDENTIAL_MISSING when the address needs a field that `auth` lacks.
 */
export async function beginAuthorization(
  manifest: AppManifest,
  options: OAuthOptions & { redirectUri: string },
): Promise<{ url: string; session: AuthorizationSession }> {
  const oauth = oauthFieldsOf(manifest)
  const { auth = {}, redirectUri, allowPrivateNetwork, now = Date.now } = options
  if (!oauth.authorize_url)
    throw new TypeError(`${manifest.name} declares no authorize_url: it uses ${oauth.grant_type}.`)
  if (!URL.canParse(redirectUri))
    throw new TypeError('The option "redirectUri" is the absolute address of your callback.')
  const client = await clientOf(manifest, options)
  const state = generateRandomState()
  const codeVerifier = oauth.pkce === false ? undefined : generateRandomCodeVerifier()
  const parameters: Record<string, string> = {
    ...extraParameters(manifest, oauth, auth),
    ...renamed(oauth, {
      response_type: 'code',
      client_id: fillClient(manifest, auth, client.clientId),
      redirect_uri: redirectUri,
      ...(oauth.scope && { scope: oauth.scope.join(oauth.scope_separator ?? ' ') }),
      state,
    }),
    ...(codeVerifier && {
      code_challenge: await calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
    }),
  }
  const base = renderUrl(manifest, oauth.authorize_url, { auth, allowPrivateNetwork })
  const expiresAt = new Date(now() + SESSION_LIFETIME_MS).toISOString()
  return {
    url: withQuery(base, Object.entries(parameters)),
    session: { state, redirectUri, expiresAt, ...(codeVerifier && { codeVerifier }) },
  }
}

/**
 * Takes the provider's callback and exchanges its code for tokens. Check that the session belongs to this
 * user, and delete it before calling: it is good for one try.
 *
 * @throws {AuthError} MANIFEST_OAUTH_STATE_MISMATCH, MANIFEST_OAUTH_SESSION_EXPIRED, MANIFEST_OAUTH_DENIED,
 *   MANIFEST_OAUTH_ISSUER_MISMATCH, or what the token endpoint refuses with.
 * @throws {TransientError} when the provider is out of order: the user may try again.
 * @throws {PermanentError} MANIFEST_OAUTH_REFUSED, MANIFEST_OAUTH_CODE_MISSING or MANIFEST_TOKEN_RESPONSE_INVALID when
 *   the provider answers otherwise than the manifest says.
 * @throws {TypeError} when `session` is not one, for example because it was used up: the caller's mistake.
 */
export async function completeAuthorization(
  manifest: AppManifest,
  options: OAuthOptions & { session: AuthorizationSession; callbackUrl: string | URL },
): Promise<TokenSet> {
  const oauth = oauthFieldsOf(manifest)
  const { session, now = Date.now } = options
  if (!session?.state || !URL.canParse(session.redirectUri))
    throw new TypeError('The option "session" is what beginAuthorization answered, as it was.')
  const callback = parametersOf(options.callbackUrl, session)
  checkCallback(callback, session, { oauth, now: now() })
  const code = callback.get(oauth.code_param ?? 'code')
  if (!code)
    throw new PermanentError(
      `${manifest.name}: the callback has no "${oauth.code_param ?? 'code'}".`,
      {
        code: 'MANIFEST_OAUTH_CODE_MISSING',
      },
    )
  const captured: Record<string, string> = {}
  for (const [name, parameter] of Object.entries(oauth.redirect_capture ?? {})) {
    const value = callback.get(parameter)
    if (value !== null) captured[name] = value
  }
  const parameters = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: session.redirectUri,
    ...(session.codeVerifier && { code_verifier: session.codeVerifier }),
  }
  const auth = { ...options.auth, ...captured }
  return requestTokens(manifest, {
    ...options,
    auth,
    parameters,
    captured,
    url: oauth.access_token_url,
  })
}

function extraParameters(
  manifest: AppManifest,
  oauth: OAuthAccessFields,
  auth: NonNullable<OAuthOptions['auth']>,
) {
  const { access_type, prompt } = oauth
  const { authentication } = manifest
  const declared = authentication.type === 'oauth_2' ? (authentication.query_string ?? {}) : {}
  const rendered = Object.entries(declared).map(([name, template]) => [
    name,
    renderCredentials(manifest, auth, template),
  ])
  return {
    ...(access_type !== undefined && { access_type }),
    ...(prompt !== undefined && { prompt }),
    ...Object.fromEntries(rendered),
  }
}

/** The standard parameters under the names that this provider gives them. */
function renamed(
  oauth: OAuthAccessFields,
  parameters: Record<string, string>,
): Record<string, string> {
  const names: Readonly<Record<string, string | undefined>> = oauth.authorize_param_names ?? {}
  const pairs = Object.entries(parameters).map(
    ([name, value]) => [names[name] ?? name, value] as const,
  )
  return Object.fromEntries(pairs.filter(([name]) => name !== ''))
}

/** Anybody can call a callback, with an address that is none. */
function parametersOf(callbackUrl: string | URL, session: AuthorizationSession): URLSearchParams {
  const address = String(callbackUrl)
  if (!URL.canParse(address, session.redirectUri)) throw notOurs()
  return new URL(address, session.redirectUri).searchParams
}

function notOurs(): AuthError {
  return new AuthError('The callback does not belong to this attempt to connect.', {
    code: 'MANIFEST_OAUTH_STATE_MISMATCH',
  })
}

function checkCallback(
  callback: URLSearchParams,
  session: AuthorizationSession,
  { oauth, now }: { oauth: OAuthAccessFields; now: number },
): void {
  if (!isSameText(callback.get(oauth.authorize_param_names?.state ?? 'state') ?? '', session.state))
    throw notOurs()
  if (!(Date.parse(session.expiresAt) > now))
    throw new AuthError('The attempt to connect took too long. Start again.', {
      code: 'MANIFEST_OAUTH_SESSION_EXPIRED',
    })
  const issuer = callback.get('iss')
  if (oauth.issuer !== undefined && issuer !== null && issuer !== oauth.issuer)
    throw new AuthError('The callback comes from another provider.', {
      code: 'MANIFEST_OAUTH_ISSUER_MISMATCH',
    })
  const refusal = callback.get('error')
  if (refusal !== null) throw refusedBy(refusal)
}

/** @see https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1 */
function refusedBy(error: string): Error {
  const shown = /^[\w.-]{1,60}$/.test(error) ? error : 'an unreadable error'
  const message = `The provider answered "${shown}".`
  if (error === 'temporarily_unavailable' || error === 'server_error')
    return new TransientError(message)
  if (error === 'access_denied') return new AuthError(message, { code: 'MANIFEST_OAUTH_DENIED' })
  return new PermanentError(message, { code: 'MANIFEST_OAUTH_REFUSED', details: { error: shown } })
}

/** Takes as long for a near miss as for a far one. */
function isSameText(one: string, other: string): boolean {
  let difference = one.length ^ other.length
  for (let index = 0; index < other.length; index++)
    difference |= (one.charCodeAt(index) | 0) ^ other.charCodeAt(index)
  return difference === 0
}
