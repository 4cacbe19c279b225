import { describe, expect, it } from 'vitest'
import { MAX_KEY_BYTES, parseKey } from '../src/index.ts'
import { parsePrefix } from '../src/parse-key.ts'

describe('parseKey', () => {
  it.each([
    'a',
    'a/b',
    'ü/😀 +&#?%25',
    '...',
    'a.',
    '.hidden',
    '~',
    'a\\b',
    'x'.repeat(MAX_KEY_BYTES),
  ])('gives back %j', (key) => {
    expect(parseKey(key)).toBe(key)
  })

  it.each([
    ['', 'is empty'],
    ['/a', 'empty segment'],
    ['a/', 'empty segment'],
    ['a//b', 'empty segment'],
    ['../a', '".."'],
    ['a/../b', '".."'],
    ['a/.', '"."'],
    ['a\0b', 'control character'],
    ['a\nb', 'control character'],
    ['a\u007fb', 'control character'],
    ['a\uffffb', 'control character'],
    ['a\ud800b', 'surrogate'],
    ['é'.repeat(513), '1026 bytes'],
  ])('refuses %j', (key, problem) => {
    expect(() => parseKey(key)).toThrow(
      expect.objectContaining({
        code: 'FILES_REMOTE_KEY_INVALID',
        message: expect.stringContaining(problem),
      }),
    )
  })

  it('refuses what is not a string with a TypeError that names the field', () => {
    expect(() => parseKey(null, 'sourceKey')).toThrow(
      new TypeError('sourceKey must be a string, got null.'),
    )
  })
})

describe('parsePrefix', () => {
  it.each(['', 'a', 'a/', 'a/.', 'a/..'])('gives back %j', (prefix) => {
    expect(parsePrefix(prefix)).toBe(prefix)
  })

  it.each(['/', 'a//', '../a', 'a\0'])('refuses %j', (prefix) => {
    expect(() => parsePrefix(prefix)).toThrow(
      expect.objectContaining({ code: 'FILES_REMOTE_KEY_INVALID' }),
    )
  })
})
