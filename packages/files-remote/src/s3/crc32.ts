import { crc32 as native } from 'node:zlib'

/*
 * CRC-32 of pieces that were read at the same time, and of the whole that they make. A CRC is a polynomial
 * over GF(2) with the lowest bit first; appending n bytes multiplies it by x^(8n). So the CRC of "AB" is
 * crc(A) * x^(8 * length(B)) + crc(B), and needs the bytes of neither.
 */

/** The polynomial of CRC-32 (ISO-HDLC), lowest bit first. */
const POLYNOMIAL = 0xedb88320

/** x^0: the highest bit in this order. */
const ONE = 0x80000000

/** x^(2^i): each is the square of the one before. They repeat after 32. */
const SQUARES = squares()

/** The CRC-32 of bytes, going on from the CRC of what stands before them. */
export function crc32(bytes: Uint8Array, before = 0): number {
  return native(bytes, before)
}

/** The CRC-32 of two pieces in a row, from the CRC of each and the length of the second in bytes. */
export function combineCrc32(first: number, second: number, secondBytes: number): number {
  let power = ONE
  // 8 bits a byte: begin three squares further.
  for (let left = secondBytes, square = 3; left >= 1; left = Math.floor(left / 2), square += 1) {
    if (left % 2 === 1) power = multiply(SQUARES[square % 32] ?? ONE, power)
  }
  return (multiply(power, first) ^ second) >>> 0
}

/** As S3 writes it: four bytes, highest first, in Base64. */
export function toBase64(crc: number): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc >>> 0)
  return bytes.toString('base64')
}

/** The product of two polynomials modulo the one of CRC-32. */
function multiply(a: number, b: number): number {
  let product = 0
  let factor = b
  for (let bit = ONE; bit !== 0; bit >>>= 1) {
    if (a & bit) product ^= factor
    factor = factor & 1 ? (factor >>> 1) ^ POLYNOMIAL : factor >>> 1
  }
  return product >>> 0
}

function squares(): number[] {
  const result = [ONE >>> 1]
  for (let index = 1; index < 32; index += 1) {
    const last = result[index - 1] ?? 0
    result.push(multiply(last, last))
  }
  return result
}
