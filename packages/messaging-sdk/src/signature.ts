import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** How an HMAC travels and what it covers. */
export interface HmacCheck {
  algorithm: 'sha256' | 'sha1'
  encoding: 'hex' | 'base64'
  /** The bytes that were signed, in order. */
  signed: readonly (Uint8Array | string)[]
  /** The signature as it came, without its prefix. `undefined` is refused. */
  signature: string | undefined
  /** Accepted secrets: the current one, then the one being rotated out. Empty and missing ones are ignored. */
  secrets: readonly (string | undefined)[]
}

/**
 * Whether one of the secrets made the signature. Constant time in the secret and in the signature; without
 * any secret the answer is no.
 */
export function isHmacValid(check: HmacCheck): boolean {
  if (!check.signature) return false
  // The text is compared, not what a lenient decoder makes of it.
  const given = Buffer.from(check.signature)
  let valid = false
  for (const secret of check.secrets) {
    if (!secret) continue
    const hmac = createHmac(check.algorithm, secret)
    for (const piece of check.signed) hmac.update(piece)
    const expected = Buffer.from(hmac.digest(check.encoding))
    if (given.length === expected.length && timingSafeEqual(given, expected)) valid = true
  }
  return valid
}

/** Whether a token equals one of the expected ones, in constant time. Missing ones never match. */
export function isTokenValid(
  token: string | undefined | null,
  expected: readonly (string | undefined)[],
): boolean {
  if (!token) return false
  const given = digest(token)
  let valid = false
  for (const candidate of expected) {
    if (candidate && timingSafeEqual(given, digest(candidate))) valid = true
  }
  return valid
}

/** Both sides get the same length, so that the comparison tells nothing of it. */
function digest(value: string): Buffer {
  return createHash('sha256').update(value).digest()
}
