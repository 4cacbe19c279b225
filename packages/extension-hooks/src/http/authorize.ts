import { hash, timingSafeEqual } from 'node:crypto'

/** Who may call: one token, several (for a rotation without a gap), or a function that decides. */
export type TokenRule = string | readonly string[] | ((token: string) => boolean | Promise<boolean>)

/** Decides about an `Authorization` header. */
export type Authorize = (header: string | undefined) => boolean | Promise<boolean>

/** Shorter tokens can be guessed. The platform's own are longer. */
export const MIN_TOKEN_LENGTH = 16

/**
 * Prepares the check of bearer tokens. Tokens are compared by their hashes, in constant time, all of them always.
 * @throws {TypeError} when there is no token, or one is short, a sample, or holds spaces; the token is not shown
 */
export function createAuthorize(tokens: TokenRule): Authorize {
  if (typeof tokens === 'function') {
    return (header) => {
      const token = bearerToken(header)
      return token !== undefined && tokens(token)
    }
  }
  const list = typeof tokens === 'string' ? [tokens] : tokens
  if (!Array.isArray(list) || list.length === 0) {
    throw new TypeError(
      'tokens must be the system token of the stack, several of them, or a function; received none',
    )
  }
  const digests = list.map((token, index) => digest(requireToken(token, index)))
  return (header) => {
    const token = bearerToken(header)
    if (token === undefined) return false
    const presented = digest(token)
    let matches = false
    for (const expected of digests) matches = timingSafeEqual(expected, presented) || matches
    return matches
  }
}

/** The token of `Bearer <token>`: one space, any case of the scheme. */
function bearerToken(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  const parts = header.split(' ')
  const [scheme, token] = parts
  return parts.length === 2 && scheme?.toLowerCase() === 'bearer' && token ? token : undefined
}

function requireToken(token: unknown, index: number): string {
  const refuse = (why: string): never => {
    throw new TypeError(
      `tokens[${index}] ${why}; use the system token that the platform generated for the stack`,
    )
  }
  if (typeof token !== 'string') return refuse(`must be a text; received ${typeof token}`)
  if (token.length < MIN_TOKEN_LENGTH)
    refuse(`has ${token.length} characters, fewer than ${MIN_TOKEN_LENGTH}`)
  if (/[^\x21-\x7e]/.test(token)) refuse('holds spaces or characters that no header can carry')
  if (isSample(token)) refuse('looks like a sample')
  return token
}

/** One character repeated, or the words of documentation. */
function isSample(token: string): boolean {
  return (
    new Set(token).size < 4 ||
    /system[-_]?token|change[-_]?me|example|placeholder|your[-_]/i.test(token)
  )
}

function digest(token: string): Buffer {
  return hash('sha256', token, 'buffer')
}
