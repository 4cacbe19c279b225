/** Who may call: one token, several (for a rotation without a gap), or a function that decides. */
export type TokenRule =
  | string
  | readonly string[]
  | ((token: string) => boolean | PromiseLike<boolean>)

/** `unavailable`: the function that decides failed. */
export type Verdict = 'allowed' | 'denied' | 'unavailable'

/** Decides about an `Authorization` header. Never throws, never rejects. */
export type Authorize = (header: string | undefined) => Verdict | Promise<Verdict>

/** Shorter tokens can be guessed. The platform's own are longer. */
export const MIN_TOKEN_LENGTH = 16
/** Both sides of a comparison are padded to this many bytes, so that it takes the same time whatever they hold. */
const MAX_TOKEN_LENGTH = 512
const PADDED_LENGTH = MAX_TOKEN_LENGTH + 4

/**
 * Prepares the check of bearer tokens. Tokens are compared in constant time, all of them always.
 * @throws {TypeError} when there is no token, or one is short, a sample, or holds spaces; the token is not shown
 */
export function createAuthorize(tokens: TokenRule): Authorize {
  if (typeof tokens === 'function') return (header) => ask(tokens, bearerToken(header))
  const list = typeof tokens === 'string' ? [tokens] : tokens
  if (!Array.isArray(list) || list.length === 0) {
    throw new TypeError(
      'tokens must be the system token of the stack, several of them, or a function; received none',
    )
  }
  list.forEach(requireToken)
  return authorizeTokens(list)
}

/** The check itself, without a judgement on how good the tokens are. */
export function authorizeTokens(tokens: readonly string[]): Authorize {
  // Not imported: what needs no token, as on Lambda, shall not pay for loading it.
  const { timingSafeEqual } = process.getBuiltinModule('node:crypto')
  const expected = tokens.map((token) => pad(Buffer.alloc(PADDED_LENGTH), token))
  // One for all: a check ends before the next one begins, and leaves the buffer as long as its own token.
  const presented = Buffer.alloc(PADDED_LENGTH)
  let length = 0
  return (header) => {
    const token = bearerToken(header)
    if (token === undefined) return 'denied'
    if (token.length < length) presented.fill(0)
    length = token.length
    pad(presented, token)
    let matches = false
    for (const candidate of expected) matches = timingSafeEqual(candidate, presented) || matches
    return matches ? 'allowed' : 'denied'
  }
}

async function ask(
  decide: (token: string) => boolean | PromiseLike<boolean>,
  token: string | undefined,
): Promise<Verdict> {
  if (token === undefined) return 'denied'
  try {
    return (await decide(token)) === true ? 'allowed' : 'denied'
  } catch {
    return 'unavailable'
  }
}

/** The token of `Bearer <token>`: one space, any case of the scheme. */
export function bearerToken(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  const space = header.indexOf(' ')
  const token = header.slice(space + 1)
  if (space < 0 || token === '' || token.includes(' ')) return undefined
  return header.slice(0, space).toLowerCase() === 'bearer' ? token : undefined
}

function requireToken(token: unknown, index: number): void {
  const refuse = (why: string): never => {
    const remedy = 'use the system token that the platform generated for the stack'
    throw new TypeError(`tokens[${index}] ${why}; ${remedy}`)
  }
  if (typeof token !== 'string') {
    refuse(`must be a text; received ${typeof token}`)
    return
  }
  const { length } = token
  if (length < MIN_TOKEN_LENGTH) refuse(`has ${length} characters, fewer than ${MIN_TOKEN_LENGTH}`)
  if (length > MAX_TOKEN_LENGTH) refuse(`has more than ${MAX_TOKEN_LENGTH} characters`)
  if (/[^\x21-\x7e]/.test(token)) refuse('holds spaces or characters that no header can carry')
  if (isSample(token)) refuse('looks like a sample')
}

/** One character repeated, or the words of documentation. */
export function isSample(token: string): boolean {
  return (
    new Set(token).size < 4 ||
    /system[-_]?token|change[-_]?me|example|placeholder|your[-_]/i.test(token)
  )
}

/** Writes a text and its length into an empty buffer of fixed size. Longer texts match nothing: no expected one is longer. */
function pad(buffer: Buffer, token: string): Buffer {
  buffer.write(token, 0, MAX_TOKEN_LENGTH, 'latin1')
  buffer.writeUInt32LE(token.length, MAX_TOKEN_LENGTH)
  return buffer
}
