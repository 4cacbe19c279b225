import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  type DeclaredRetryHint,
  type HeadersInput,
  parseRetryHint,
  type RetryHint,
} from '../src/index.ts'

interface Vector {
  name: string
  headers: Record<string, string | number | string[]>
  options?: { retryHints?: DeclaredRetryHint[]; body?: unknown; maxDelayMs?: number }
  expected: RetryHint | null
}

const table: { now: string; vectors: Vector[] } = JSON.parse(
  readFileSync(new URL('./fixtures/retry-hints.json', import.meta.url), 'utf8'),
)
const now = () => Date.parse(table.now)

describe('the vector table', () => {
  test('has at least 60 cases with names of their own', () => {
    expect(table.vectors.length).toBeGreaterThanOrEqual(60)
    expect(new Set(table.vectors.map(({ name }) => name)).size).toBe(table.vectors.length)
  })

  test.each(table.vectors)('$name', ({ headers, options, expected }) => {
    expect(parseRetryHint(headers, { ...options, now }) ?? null).toEqual(expected)
  })

  test.each(
    table.vectors.filter(({ headers }) => String(headers['Retry-After'] ?? '').length < 5000),
  )('as fetch Headers: $name', ({ headers, options, expected }) => {
    const pairs = Object.entries(headers).flatMap(([name, value]) =>
      [value].flat().map((item): [string, string] => [name, String(item)]),
    )
    expect(parseRetryHint(new Headers(pairs), { ...options, now }) ?? null).toEqual(expected)
  })
})

describe('headers of any client', () => {
  const expected = { delayMs: 3000, source: 'retry-after' }
  const shapes: Record<string, HeadersInput> = {
    'fetch Headers': new Headers({ 'Retry-After': '3' }),
    'an object in lower case': { 'retry-after': '3' },
    'an object in any case': { 'RETRY-After': '3' },
    'an object with lists': { 'retry-after': ['3'] },
    'a Map': new Map([['Retry-After', '3']]),
    'a list of pairs': [['Retry-After', '3']],
    'an object with get': { get: (name: string) => (name === 'retry-after' ? '3' : null) },
  }

  test.each(Object.keys(shapes))('%s', (name) => {
    expect(parseRetryHint(shapes[name])).toEqual(expected)
  })

  test('nothing, or headers that throw, give no hint', () => {
    expect(parseRetryHint(undefined)).toBeUndefined()
    expect(parseRetryHint(null)).toBeUndefined()
    const broken = {
      get: () => {
        throw new Error('closed')
      },
    }
    expect(parseRetryHint(broken)).toBeUndefined()
  })
})

test.each([-1, Number.NaN, Number.POSITIVE_INFINITY, '5' as never])(
  'a maxDelayMs of %s is a mistake of the caller',
  (maxDelayMs) => {
    expect(() => parseRetryHint({}, { maxDelayMs })).toThrow(TypeError)
  },
)

test('an endless list of headers is not read to its end', () => {
  function* endless(): Generator<[string, string]> {
    yield ['retry-after', '3']
    for (;;) yield ['x', 'y']
  }
  expect(parseRetryHint(endless())?.delayMs).toBe(3000)
})

test('of a header that comes a thousand times only the first twenty count', () => {
  const values = Array.from({ length: 1000 }, (_, index) => String(index))
  expect(parseRetryHint({ 'retry-after': values })?.delayMs).toBe(19_000)
})

test('without a Date the injected clock counts, and without one the real clock', () => {
  const headers = { 'retry-after': 'Sun, 22 Nov 2026 12:00:30 GMT' }
  expect(parseRetryHint(headers, { now: () => Date.UTC(2026, 10, 22, 12) })?.delayMs).toBe(30_000)
  const soon = new Date(Date.now() + 20_000).toUTCString()
  const hint = parseRetryHint({ 'retry-after': soon })
  expect(hint?.delayMs).toBeGreaterThan(15_000)
  expect(hint?.delayMs).toBeLessThanOrEqual(20_000)
})
