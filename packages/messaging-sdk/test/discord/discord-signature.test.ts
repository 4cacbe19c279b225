import { describe, expect, it } from 'vitest'
import { isEd25519Valid } from '../../src/discord/discord-signature.ts'

/** RFC 8032, section 7.1: TEST 2. */
const rfc = {
  publicKey: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
  message: Buffer.from('72', 'hex'),
  signature:
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
}

describe('isEd25519Valid', () => {
  const check = (changes: { signature?: string; publicKeys?: (string | undefined)[] } = {}) =>
    isEd25519Valid({
      signed: [rfc.message],
      signature: rfc.signature,
      publicKeys: [rfc.publicKey],
      ...changes,
    })

  it('accepts the published vector, under the second key too', () => {
    expect(check()).toBe(true)
    expect(check({ publicKeys: [undefined, 'ab'.repeat(32), rfc.publicKey] })).toBe(true)
  })

  it('refuses what is longer, shorter, other, or nothing', () => {
    expect(check({ signature: `${rfc.signature}00` })).toBe(false)
    expect(check({ signature: rfc.signature.slice(2) })).toBe(false)
    expect(check({ signature: rfc.signature.replace('92a0', '92a1') })).toBe(false)
    expect(check({ publicKeys: [] })).toBe(false)
  })
})
