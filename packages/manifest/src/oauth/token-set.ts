import type { AuthValues } from '../app-manifest.ts'

/** What a token endpoint answered: plain JSON, ready to be stored. */
export interface TokenSet {
  accessToken: string
  refreshToken?: string
  /** ISO 8601. Absent when the provider says nothing of expiry. */
  expiresAt?: string
  /** What was granted, when the provider says so. */
  scope?: string
  /** Values named in `capture` and `redirect_capture`. */
  captured?: Record<string, string>
}

/** The part of `event.auth` that comes from tokens. */
export function authOf(tokens: TokenSet): AuthValues {
  return { ...tokens.captured, access_token: tokens.accessToken }
}

/** Whether a token is past its end, or will be within `skewMs`. One without an end never is. */
export function isExpired(tokens: TokenSet, options: { now: number; skewMs: number }): boolean {
  return (
    tokens.expiresAt !== undefined && Date.parse(tokens.expiresAt) - options.skewMs <= options.now
  )
}
