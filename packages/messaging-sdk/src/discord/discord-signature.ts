import { createPublicKey, verify } from 'node:crypto'

/** Hexadecimal of an Ed25519 public key: 32 bytes. */
const PUBLIC_KEY = /^[0-9a-f]{64}$/i
/** Hexadecimal of an Ed25519 signature: 64 bytes. */
const SIGNATURE = /^[0-9a-f]{128}$/i

/**
 * Whether one of the keys signed the bytes (Ed25519, hexadecimal on both sides). Whatever is no key or no
 * signature is a no.
 * @see https://docs.discord.com/developers/interactions/overview#setting-up-an-endpoint
 */
export function isEd25519Valid(check: {
  signed: readonly (Uint8Array | string)[]
  signature: string | undefined
  publicKeys: readonly (string | undefined)[]
}): boolean {
  const { signature, signed, publicKeys } = check
  if (!signature || !SIGNATURE.test(signature)) return false
  const bytes = Buffer.concat(signed.map((piece) => Buffer.from(piece)))
  return publicKeys.some((key) => {
    if (!key || !PUBLIC_KEY.test(key)) return false
    try {
      const x = Buffer.from(key, 'hex').toString('base64url')
      const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
      return verify(null, bytes, publicKey, Buffer.from(signature, 'hex'))
    } catch {
      return false // 32 bytes that are no point on the curve
    }
  })
}
