import { storageError } from './storage-errors.ts'

/**
 * The longest key, in bytes of UTF-8.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
 */
export const MAX_KEY_BYTES = 1024

/** Control characters and the two that no XML listing can carry. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const FORBIDDEN = /[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/u

/** With the `u` flag, a pair is one character: only a half is left to match. */
const LONE_SURROGATE = /\p{Cs}/u

/**
 * Checks a key and gives it back: segments joined by `/`, none of them empty, `.` or `..`, no control
 * characters, well-formed Unicode, at most {@link MAX_KEY_BYTES} bytes. Anything else is allowed and kept as
 * it is; nothing is normalised.
 * @param name how the key is called in the message. Default: `key`
 * @throws {TypeError} when it is not a string
 * @throws {PermanentError} FILES_REMOTE_KEY_INVALID when it breaks a rule
 */
export function parseKey(key: unknown, name = 'key'): string {
  if (typeof key !== 'string') {
    throw new TypeError(`${name} must be a string, got ${key === null ? 'null' : typeof key}.`)
  }
  const problem = problemOf(key)
  if (problem === undefined) return key
  const shown = JSON.stringify(key.length > 100 ? `${key.slice(0, 100)}…` : key)
  throw storageError('FILES_REMOTE_KEY_INVALID', `${name} ${shown} ${problem}`, {
    details: { field: name },
  })
}

/** Checks the prefix of a listing: the rules of a key, except that it may end anywhere. */
export function parsePrefix(prefix: unknown, name = 'prefix'): string {
  if (prefix === '' || prefix === undefined) return ''
  if (typeof prefix !== 'string')
    throw new TypeError(`${name} must be a string, got ${typeof prefix}.`)
  parseKey(prefix.endsWith('/') || prefix.endsWith('.') ? `${prefix}x` : prefix, name)
  return prefix
}

function problemOf(key: string): string | undefined {
  if (key === '') return 'is empty; give it at least one character.'
  if (LONE_SURROGATE.test(key))
    return 'holds half of a surrogate pair; give it well-formed Unicode.'
  if (FORBIDDEN.test(key)) return 'holds a control character; remove it.'
  const bytes = Buffer.byteLength(key)
  if (bytes > MAX_KEY_BYTES) return `is ${bytes} bytes long; at most ${MAX_KEY_BYTES} are allowed.`
  const segments = key.split('/')
  if (segments.includes('')) return 'has an empty segment; remove leading, trailing and double "/".'
  if (segments.some((segment) => segment === '.' || segment === '..')) {
    return 'has a segment "." or ".."; keys are names, not paths.'
  }
  return undefined
}
