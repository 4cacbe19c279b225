import { expect, test } from 'vitest'
import {
  AuthError,
  copyError,
  errors,
  PermanentError,
  serialize,
  TransientError,
} from '../src/index.ts'

const cause = new Error('socket')
const original = errors.rateLimitError('Too fast', 3, {
  code: 'ACME_FLOODED',
  status: 429,
  requestId: 'r1',
  outcome: 'rejected',
  details: { lane: 1 },
  cause,
})

test('a copy is another error with the same fields and the same cause', () => {
  const copy = copyError(original)
  expect(copy).not.toBe(original)
  expect(serialize(copy)).toEqual(serialize(original))
  expect(copy.cause).toBe(cause)
  expect('cause' in copyError(errors.error('x'))).toBe(false)
})

test('changes replace, and undefined takes away', () => {
  const copy = copyError(original, {
    message: 'm',
    code: 'OTHER',
    outcome: 'unknown',
    requestId: undefined,
    cause: original,
  })
  expect(serialize(copy)).toEqual({
    ...serialize(original),
    message: 'm',
    code: 'OTHER',
    outcome: 'unknown',
    requestId: undefined,
  })
  expect('requestId' in copy).toBe(false)
  expect(copy.cause).toBe(original)
})

test('another kind is another class', () => {
  const copy = copyError(original, { kind: 'auth' })
  expect(copy).toBeInstanceOf(AuthError)
  expect(copy).not.toBeInstanceOf(TransientError)
  expect([copy.name, copy.kind]).toEqual(['AuthError', 'auth'])
})

test('the name of a subclass is kept, its constructor is not called', () => {
  class StorageError extends PermanentError {
    constructor(key: string, size: number) {
      super(`${key} has ${size.toFixed()} bytes`)
      this.name = 'StorageError'
    }
  }
  const copy = copyError(new StorageError('a', 1), { outcome: 'not_sent' })
  expect([copy.name, copy.message, copy.outcome]).toEqual([
    'StorageError',
    'a has 1 bytes',
    'not_sent',
  ])
})
