import type { TokenResponse } from '../app-manifest.ts'
import { valueAt } from '../value-at.ts'
import type { TokenSet } from './token-set.ts'

/** Reads a token answer by the manifest's paths; `undefined` when it holds no access token. */
export function readTokens(body: unknown, paths: TokenResponse, now: number): TokenSet | undefined {
  const accessToken = textAt(body, paths.access_token ?? 'access_token')
  if (!accessToken) return undefined
  const refreshToken = textAt(body, paths.refresh_token ?? 'refresh_token')
  const scope = textAt(body, 'scope')
  const expiresAt = expiryOf(body, paths, now)
  const captured = captureAll(body, paths.capture ?? {})
  return {
    accessToken,
    ...(refreshToken && { refreshToken }),
    ...(expiresAt && { expiresAt, ...obtained(now) }),
    ...(scope && { scope }),
    ...(Object.keys(captured).length > 0 && { captured }),
  }
}

/** Values at dotted paths, as texts; what is absent or not a scalar is left out. */
export function captureAll(
  body: unknown,
  paths: Readonly<Record<string, string>>,
): Record<string, string> {
  const captured: Record<string, string> = {}
  for (const [name, path] of Object.entries(paths)) {
    const value = textAt(body, path)
    if (value !== undefined) captured[name] = value
  }
  return captured
}

/** The text or number at a path, as a text. */
export function textAt(body: unknown, path: string): string | undefined {
  const value = valueAt(body, path)
  if (typeof value === 'string') return value
  return typeof value === 'number' ? String(value) : undefined
}

/** Larger numbers than this are Unix milliseconds: as seconds they would lie after the year 5000. */
const LARGEST_UNIX_SECONDS = 1e11

function expiryOf(body: unknown, paths: TokenResponse, now: number): string | undefined {
  const at = paths.expires_at === undefined ? undefined : textAt(body, paths.expires_at)
  if (at !== undefined) {
    const number = Number(at)
    const instant = Number.isFinite(number)
      ? number * (number > LARGEST_UNIX_SECONDS ? 1 : 1000)
      : Date.parse(at)
    return toIso(instant)
  }
  const seconds = Number(textAt(body, paths.expires_in ?? 'expires_in') ?? Number.NaN)
  return seconds > 0 ? toIso(now + seconds * 1000) : undefined
}

/** When an answer came, for a token with an end. */
export function obtained(now: number): { obtainedAt: string } {
  return { obtainedAt: new Date(now).toISOString() }
}

function toIso(instant: number): string | undefined {
  return Number.isFinite(instant) && Math.abs(instant) < 8.64e15
    ? new Date(instant).toISOString()
    : undefined
}
