import type { AuthValues } from '../app-manifest.ts'

/** What a token endpoint answered: plain JSON, ready to be stored. */
export interface TokenSet {
  accessToken: string
  refreshToken?: string
  /** ISO 8601. Absent when the provider says nothing of expiry. */
  expiresAt?: string
  /** ISO 8601, when the answer came; there with `expiresAt`, to tell a short life from one that is about to end. */
  obtainedAt?: string
  /** What was granted, when the provider says so. */
  scope?: string
  /** Values named in `capture` and `redirect_capture`. */
  captured?: Record<string, string>
}

/** The part of `event.auth` that comes from tokens. */
export function authOf(tokens: TokenSet): AuthValues {
  return { ...tokens.captured, access_token: tokens.accessToken }
}

/**
 * Whether a token is past its end, or will be within `skewMs`, but not before half of its life is over: tokens may live
 * shorter than `skewMs`. One without an end never is.
 */
export function isExpired(tokens: TokenSet, options: { now: number; skewMs: number }): boolean {
  if (tokens.expiresAt === undefined) return false
  const end = Date.parse(tokens.expiresAt)
  const start =
    tokens.obtainedAt === undefined ? Number.NEGATIVE_INFINITY : Date.parse(tokens.obtainedAt)
  const skewMs = Math.min((end - start) / 2, options.skewMs)
  return !(end - skewMs > options.now) // also when an instant cannot be read
}
