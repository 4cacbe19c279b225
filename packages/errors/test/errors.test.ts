import { describe, expect, expectTypeOf, test } from 'vitest'
import {
  type AuthError,
  errors,
  type PermanentError,
  type RateLimitError,
  type TransientError,
} from '../src/index.ts'

test('the four factories return errors with the names of the platform', () => {
  expect(errors.authError('a').name).toBe('AuthError')
  expect(errors.error('a').name).toBe('Error')
  expect(errors.rateLimitError('a').name).toBe('RateLimitError')
  expect(errors.transientError('a').name).toBe('TransientError')
})

test('each has its kind, its general code and the plain message', () => {
  const seen = [
    errors.authError('a'),
    errors.error('b'),
    errors.rateLimitError('c', 5),
    errors.transientError('d'),
  ].map(({ kind, code, message, retryable }) => [kind, code, message, retryable])
  expect(seen).toEqual([
    ['auth', 'CREDENTIAL_INVALID', 'a', false],
    ['permanent', 'BUG', 'b', false],
    ['rate_limit', 'RATE_LIMITED', 'c', true],
    ['transient', 'UNAVAILABLE', 'd', true],
  ])
})

describe('remaining', () => {
  test.each([
    [30, 30, 30_000],
    [1.2, 2, 2000],
    [0, 0, undefined],
    [-3, 0, undefined],
    [Number.NaN, 0, undefined],
    [Number.POSITIVE_INFINITY, 0, undefined],
  ])('%d seconds are %d, and %s milliseconds', (given, remaining, retryAfterMs) => {
    const error = errors.rateLimitError('m', given)
    expect(error.remaining).toBe(remaining)
    expect(error.retryAfterMs).toBe(retryAfterMs)
  })

  test('when it is not given the options may say', () => {
    expect(errors.rateLimitError('m', undefined, { retryAfterMs: 1500 }).remaining).toBe(2)
  })
})

test('the factories are typed by class', () => {
  expectTypeOf(errors.authError).returns.toEqualTypeOf<AuthError>()
  expectTypeOf(errors.error).returns.toEqualTypeOf<PermanentError>()
  expectTypeOf(errors.rateLimitError).returns.toEqualTypeOf<RateLimitError>()
  expectTypeOf(errors.transientError).returns.toEqualTypeOf<TransientError>()
  expectTypeOf(errors.rateLimitError).toBeCallableWith('m')
  expectTypeOf(errors.rateLimitError).toBeCallableWith('m', 5, { status: 429 })
})
