import { createHash, type Hash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { permanent, transient } from './download-error.ts'
import { headerOf } from './header-of.ts'

/** A digest that the bytes of a body must have. */
export interface ExpectedDigest {
  algorithm: 'sha256' | 'sha512' | 'md5'
  value: Buffer
  /** Who asks for it: a response header, or the option `sha256`. */
  source: string
}

const FIELD_ALGORITHMS = { 'sha-512': 'sha512', 'sha-256': 'sha256' } as const
const DIGEST_BYTES = { sha256: 32, sha512: 64, md5: 16 } as const

/** The strongest digest that the server gives for the bytes it sends. A malformed one is ignored, as RFC 9530 asks. */
export function serverDigest(headers: IncomingHttpHeaders): ExpectedDigest | undefined {
  for (const source of ['repr-digest', 'content-digest']) {
    const found = readDigestField(source, headerOf(headers, source))
    if (found !== undefined) return found
  }
  return toDigest('md5', headerOf(headers, 'content-md5'), 'content-md5')
}

/** @see https://www.rfc-editor.org/rfc/rfc9530#section-3 a dictionary of byte sequences, `sha-256=:base64:` */
function readDigestField(source: string, field: string | undefined): ExpectedDigest | undefined {
  if (field === undefined) return undefined
  const found = new Map(
    [...field.matchAll(/(?:^|,)\s*([a-z0-9-]+)=:([A-Za-z0-9+/=]*):/g)].map(
      ([, key = '', value = '']) => [key, value],
    ),
  )
  for (const [key, algorithm] of Object.entries(FIELD_ALGORITHMS)) {
    const digest = toDigest(algorithm, found.get(key), source)
    if (digest !== undefined) return digest
  }
  return undefined
}

function toDigest(
  algorithm: ExpectedDigest['algorithm'],
  base64: string | undefined,
  source: string,
): ExpectedDigest | undefined {
  if (base64 === undefined) return undefined
  const value = Buffer.from(base64, 'base64')
  return value.length === DIGEST_BYTES[algorithm] ? { algorithm, value, source } : undefined
}

/**
 * The option `sha256`.
 *
 * @throws {TypeError} when it is not 64 hexadecimal digits
 */
export function callerDigest(sha256: string | undefined): ExpectedDigest | undefined {
  if (sha256 === undefined) return undefined
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/i.test(sha256)) {
    throw new TypeError('option sha256 must be 64 hexadecimal digits')
  }
  return { algorithm: 'sha256', value: Buffer.from(sha256, 'hex'), source: 'the option sha256' }
}

/** Computes one digest on the way. */
export class DigestCheck {
  readonly #expected: ExpectedDigest
  readonly #hash: Hash

  constructor(expected: ExpectedDigest) {
    this.#expected = expected
    this.#hash = createHash(expected.algorithm)
  }

  update(chunk: Buffer): void {
    this.#hash.update(chunk)
  }

  /** @throws FILES_LOCAL_DIGEST_MISMATCHED; transient when the server's own digest differs, for then the transfer is at fault */
  verify(): void {
    const { algorithm, value, source } = this.#expected
    const actual = this.#hash.digest()
    if (actual.equals(value)) return
    const make = source.startsWith('the option') ? permanent : transient
    throw make(`the ${algorithm} of what arrived is not the one of ${source}`, {
      code: 'FILES_LOCAL_DIGEST_MISMATCHED',
      details: {
        algorithm,
        source,
        expected: value.toString('hex'),
        actual: actual.toString('hex'),
      },
    })
  }
}
