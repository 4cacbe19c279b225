import { inspect } from 'node:util'
import { describe, expect, expectTypeOf, test, vi } from 'vitest'
import {
  AuthError,
  type ErrorKind,
  errors,
  IntegrationError,
  isIntegrationError,
  PermanentError,
  RateLimitError,
  TransientError,
} from '../src/index.ts'

const classes = { AuthError, PermanentError, RateLimitError, TransientError }

describe('instanceof', () => {
  test('tells the kinds apart', () => {
    const made = [
      errors.authError('a'),
      errors.error('a'),
      errors.rateLimitError('a'),
      errors.transientError('a'),
    ]
    const table = made.map((error) =>
      Object.entries(classes)
        .filter(([, type]) => error instanceof type)
        .map(([name]) => name),
    )
    expect(table).toEqual([
      ['AuthError'],
      ['PermanentError'],
      ['RateLimitError'],
      ['TransientError'],
    ])
    for (const error of made) {
      expect(error).toBeInstanceOf(IntegrationError)
      expect(error).toBeInstanceOf(Error)
    }
  })

  test('holds between two copies of the module', async () => {
    vi.resetModules()
    const copy = await import('../src/index.ts')
    expect(copy.AuthError).not.toBe(AuthError)
    const foreign = copy.errors.authError('expired')
    expect(foreign).toBeInstanceOf(AuthError)
    expect(foreign).toBeInstanceOf(IntegrationError)
    expect(foreign).not.toBeInstanceOf(PermanentError)
    expect(errors.error('x')).toBeInstanceOf(copy.PermanentError)
  })

  test('of a subclass of yours asks for the subclass', () => {
    class StorageError extends PermanentError {}
    const error = new StorageError('x')
    expect(error).toBeInstanceOf(StorageError)
    expect(error).toBeInstanceOf(PermanentError)
    expect(errors.error('x')).not.toBeInstanceOf(StorageError)
  })

  test('is false for everything else and never throws', () => {
    const revoked = Proxy.revocable({}, {})
    revoked.revoke()
    for (const value of [new Error('x'), {}, null, undefined, 5, { kind: 'auth' }, revoked.proxy]) {
      expect(value instanceof IntegrationError).toBe(false)
      expect(isIntegrationError(value)).toBe(false)
    }
  })
})

describe('fields', () => {
  test('are there only if given', () => {
    expect(new Set(Object.keys(errors.error('x')))).toEqual(new Set(['code', 'kind', 'name']))
    expect('cause' in errors.error('x')).toBe(false)
    expect('cause' in errors.error('x', { cause: undefined })).toBe(true)
  })

  test('keep the cause as it was, unseen by enumeration', () => {
    const cause = { any: 'thing' }
    const error = errors.error('x', { cause })
    expect(error.cause).toBe(cause)
    expect(Object.keys(error)).not.toContain('cause')
  })

  test.each([
    [1.2, 2],
    [-5, 0],
    [Number.NaN, 0],
    [Number.POSITIVE_INFINITY, 0],
    [0, 0],
  ])('a retryAfterMs of %d becomes %d', (given, kept) => {
    expect(errors.transientError('x', { retryAfterMs: given }).retryAfterMs).toBe(kept)
  })

  test('are typed', () => {
    expectTypeOf<IntegrationError['kind']>().toEqualTypeOf<ErrorKind>()
    expectTypeOf<AuthError['kind']>().toEqualTypeOf<'auth'>()
    expectTypeOf<RateLimitError['remaining']>().toEqualTypeOf<number>()
    const error = errors.error('x') as IntegrationError
    if (error.kind === 'auth') expectTypeOf(error.code).toExtend<string>()
  })
})

describe('console output', () => {
  const cause = Object.assign(new Error('refused by https://me:pw@host/x?key=abc'), {
    config: { headers: { Authorization: 'Bearer very-secret' } },
  })
  const error = errors.transientError('Down', { status: 503, cause, details: { host: 'a' } })

  test('has the stack, the fields and the stacks of the causes', () => {
    const text = inspect(error)
    expect(text).toMatch(/^TransientError: Down\n {4}at /)
    expect(text).toContain('status: 503')
    expect(text).toContain("details: { host: 'a' }")
    expect(text).toMatch(/caused by Error: refused by https:\/\/host\/x\?…\n {4}at /)
  })

  test('has nothing of what the causes carry', () => {
    expect(inspect(error, { depth: 20, showHidden: true })).not.toMatch(/very-secret|pw@|abc/)
  })

  test('copes with hostile causes', () => {
    const revoked = Proxy.revocable({}, {})
    revoked.revoke()
    const textless = { stack: Object.create(null), message: Object.create(null) }
    for (const odd of [null, 5, 'text', Symbol('s'), revoked.proxy, { stack: {} }, textless]) {
      expect(inspect(errors.error('x', { cause: odd }))).toContain('x')
    }
  })
})
