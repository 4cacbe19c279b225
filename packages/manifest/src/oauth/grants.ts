import { AuthError } from '@mortise/errors'
import type { AppManifest } from '../app-manifest.ts'
import { type OAuthOptions, oauthFieldsOf } from './oauth-options.ts'
import { requestTokens } from './token-request.ts'
import type { TokenSet } from './token-set.ts'

/**
 * Exchanges a refresh token for new tokens: one request, no storing. The answer keeps the old refresh
 * token when the provider sends no new one. For anything shared, use `createTokenManager` instead.
 *
 * @throws {AuthError} MANIFEST_REFRESH_TOKEN_MISSING when there is nothing to refresh with.
 */
export function refreshTokens(
  manifest: AppManifest,
  options: OAuthOptions & { tokens: TokenSet },
): Promise<TokenSet> {
  const oauth = oauthFieldsOf(manifest)
  const { refreshToken, captured } = options.tokens
  if (refreshToken === undefined)
    throw new AuthError(`${manifest.name}: there is no refresh token. Connect the account again.`, {
      code: 'MANIFEST_REFRESH_TOKEN_MISSING',
      outcome: 'not_sent',
    })
  return requestTokens(manifest, {
    ...options,
    auth: { ...options.auth, ...captured },
    url: oauth.refresh_token_url ?? oauth.access_token_url,
    parameters: { grant_type: 'refresh_token', refresh_token: refreshToken },
    refreshToken,
    captured,
    isRefresh: true,
  })
}

/** Gets a token for the app or the user's own client, without a user signing in. */
export function requestClientCredentials(
  manifest: AppManifest,
  options: OAuthOptions,
): Promise<TokenSet> {
  const oauth = oauthFieldsOf(manifest)
  const scope = oauth.scope?.join(oauth.scope_separator ?? ' ')
  return requestTokens(manifest, {
    ...options,
    url: oauth.access_token_url,
    parameters: { grant_type: 'client_credentials', ...(scope && { scope }) },
  })
}
