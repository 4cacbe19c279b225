export type { AuthorizationSession } from './authorization.ts'
export { beginAuthorization, completeAuthorization, SESSION_LIFETIME_MS } from './authorization.ts'
export { refreshTokens, requestClientCredentials } from './grants.ts'
export type { OAuthOptions } from './oauth-options.ts'
export { DEFAULT_TOKEN_TIMEOUT_MS } from './oauth-options.ts'
export { exchangeTokens } from './token-exchange.ts'
export type { TokenManager, TokenManagerOptions } from './token-manager.ts'
export {
  createTokenManager,
  DEFAULT_CLAIM_MS,
  DEFAULT_EXPIRY_SKEW_MS,
  DEFAULT_POLL_MS,
  isTokenExpired,
} from './token-manager.ts'
export type { TokenSet } from './token-set.ts'
export { authOf } from './token-set.ts'
export type { StoredTokens, TokenClaim, TokenRecord, TokenStore } from './token-store.ts'
export { createMemoryTokenStore } from './token-store.ts'
