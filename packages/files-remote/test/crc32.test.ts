import { describe, expect, it } from 'vitest'
import { combineCrc32, crc32, toBase64 } from '../src/s3/crc32.ts'
import { patterned } from '../src/testing/contract-kit.ts'

describe('combineCrc32', () => {
  const data = patterned(100_003)

  it.each([0, 1, 2, 7, 8, 255, 65_536, 99_999, 100_003])('joins the pieces cut at %i', (at) => {
    const [first, second] = [data.subarray(0, at), data.subarray(at)]
    expect(combineCrc32(crc32(first), crc32(second), second.length)).toBe(crc32(data))
  })

  it('joins what is longer than 4 GiB', () => {
    // Zeros by doubling: crc(0^2n) = combine(crc(0^n), crc(0^n), n), and 5 GiB is 4 GiB and 1 GiB in either order.
    const zeros = new Map([[1, crc32(new Uint8Array(1024 ** 2))]])
    for (let mebibytes = 1; mebibytes < 4096; mebibytes *= 2) {
      const crc = zeros.get(mebibytes) ?? 0
      zeros.set(mebibytes * 2, combineCrc32(crc, crc, mebibytes * 1024 ** 2))
    }
    const [one, four] = [zeros.get(1024) ?? 0, zeros.get(4096) ?? 0]
    expect(combineCrc32(one, four, 4096 * 1024 ** 2)).toBe(
      combineCrc32(four, one, 1024 * 1024 ** 2),
    )
  })
})

describe('toBase64', () => {
  it('writes the check value of the algorithm as S3 does', () => {
    expect(toBase64(crc32(Buffer.from('123456789')))).toBe('y/Q5Jg==')
  })
})
