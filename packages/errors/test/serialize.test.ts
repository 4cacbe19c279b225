import { describe, expect, expectTypeOf, test } from 'vitest'
import {
  deserialize,
  errors,
  type IntegrationError,
  PermanentError,
  RateLimitError,
  type SerializedError,
  serialize,
} from '../src/index.ts'

const full = errors.rateLimitError('Too fast', 3, {
  code: 'MESSAGING_CHANNEL_FLOODED',
  status: 429,
  requestId: 'req_1',
  outcome: 'rejected',
  details: { channel: 'c1', tries: [1, 2], nothing: null },
  cause: Object.assign(new Error('socket'), { code: 'ECONNRESET', config: { token: 'secret' } }),
})

const wire: SerializedError = {
  v: 1,
  name: 'RateLimitError',
  kind: 'rate_limit',
  code: 'MESSAGING_CHANNEL_FLOODED',
  message: 'Too fast',
  status: 429,
  requestId: 'req_1',
  outcome: 'rejected',
  retryAfterMs: 3000,
  details: { channel: 'c1', tries: [1, 2], nothing: null },
}

describe('serialize', () => {
  test('writes the allow-list, without stack and causes', () => {
    expect(serialize(full)).toEqual(wire)
    expect(JSON.parse(JSON.stringify(full))).toEqual(wire)
  })

  test('leaves out what is not there', () => {
    expect(serialize(errors.error('no'))).toEqual({
      v: 1,
      name: 'Error',
      kind: 'permanent',
      code: 'BUG',
      message: 'no',
    })
  })

  test('adds stack and causes on request, nothing of what the causes carry', () => {
    const { stack, causes } = serialize(full, { includeStack: true, includeCauses: true })
    expect(stack).toMatch(/^RateLimitError: Too fast\n {4}at /)
    expect(causes).toEqual([{ name: 'Error', message: 'socket', code: 'ECONNRESET' }])
  })

  test('masks credentials in the URLs of causes', () => {
    const cause = new Error('GET https://me:pw@host/a?key=abc failed')
    const { causes } = serialize(errors.error('x', { cause }), { includeCauses: true })
    expect(causes?.[0]?.message).toBe('GET https://host/a?… failed')
  })

  test('ends with cyclic and endless causes', () => {
    const one = new Error('one')
    one.cause = new Error('two', { cause: one })
    const { causes } = serialize(errors.error('x', { cause: one }), { includeCauses: true })
    expect(causes?.map(({ message }) => message)).toEqual(['one', 'two'])
    class Endless extends Error {
      override get cause() {
        return new Endless('again')
      }
    }
    const endless = serialize(errors.error('x', { cause: new Endless('a') }), {
      includeCauses: true,
    })
    expect(endless.causes).toHaveLength(5)
  })

  test('takes details as they come', () => {
    const cycle: Record<string, unknown> = {}
    cycle.self = cycle
    const details = {
      big: 10n,
      nan: Number.NaN,
      date: new Date(0),
      never: new Date(Number.NaN),
      url: new URL('https://u:p@h/x?k=v'),
      bytes: new Uint8Array(3),
      map: new Map([['a', 1]]),
      error: new TypeError('bad'),
      call: () => {},
      missing: undefined,
      symbol: Symbol('s'),
      list: [undefined, () => {}],
      cycle,
      ['__proto__']: { polluted: true },
      toJSON: () => 'hijacked',
      get trap() {
        throw new Error('no')
      },
    }
    const taken = serialize(errors.error('x', { details })).details
    expect(Object.getPrototypeOf(taken)).toBe(Object.prototype)
    expect(taken).toStrictEqual({
      big: '10',
      nan: null,
      date: '1970-01-01T00:00:00.000Z',
      never: null,
      url: 'https://h/x?…',
      bytes: '[3 bytes]',
      map: {},
      error: { name: 'TypeError', message: 'bad' },
      list: [null, null],
      cycle: { self: '[circular]' },
    })
  })

  test('stays small whatever the details are', () => {
    const nest = (depth: number): object =>
      depth === 0 ? {} : { a: nest(depth - 1), b: nest(depth - 1), text: 'x'.repeat(10_000) }
    const wide = Array.from({ length: 100_000 }, (_, index) => index)
    const json = JSON.stringify(
      errors.error('m'.repeat(1_000_000), { details: { deep: nest(12), wide } }),
    )
    expect(json.length).toBeLessThan(200_000)
  })

  test('takes an error that somebody has broken', () => {
    const textless = Object.create(null)
    const broken = Object.assign(errors.error('x'), { name: textless, message: textless })
    Object.defineProperty(broken, 'details', {
      get: () => {
        throw new Error('no details')
      },
    })
    Object.assign(broken, { status: textless, retryAfterMs: textless, outcome: textless })
    const written = serialize(broken, { includeStack: true, includeCauses: true })
    expect(written).toMatchObject({ v: 1, kind: 'permanent', code: 'BUG', name: '', message: '' })
    expect(JSON.parse(JSON.stringify(broken))).toEqual({
      v: 1,
      kind: 'permanent',
      code: 'BUG',
      name: '',
      message: '',
    })
  })

  test('redacts every text and number that leaves', () => {
    const secret = '0123456789'
    const error = errors.transientError(`m ${secret}`, {
      code: `C_${secret}`,
      requestId: secret,
      details: { [secret]: [secret, Number(`1${secret}`)], pin: 1_234_567_890_123 },
      cause: Object.assign(new Error(secret), { name: secret, code: Number(`1${secret}`) }),
    })
    const redact = (text: string) =>
      text.replaceAll(secret, '***').replaceAll('1234567890123', '***')
    const json = JSON.stringify(
      serialize(error, { redact, includeCauses: true, includeStack: true }),
    )
    expect(json).not.toContain(secret)
    expect(json).not.toContain('1234567890123')
    expect(JSON.parse(json)).toMatchObject({
      message: 'm ***',
      details: { '***': ['***', '1***'], pin: '***' },
    })
  })
})

describe('deserialize', () => {
  test('restores kind, class and every field', () => {
    const error = deserialize(
      JSON.stringify(serialize(full, { includeCauses: true, includeStack: true })),
    )
    expect(error).toBeInstanceOf(RateLimitError)
    expect(serialize(error)).toEqual(wire)
    expect(error.stack).toBe(full.stack)
    expect(error.cause).toBeInstanceOf(Error)
    expect(error.cause).toMatchObject({ message: 'socket', code: 'ECONNRESET' })
    expect((error as RateLimitError).remaining).toBe(3)
  })

  test('keeps the name of a subclass', () => {
    class StorageError extends PermanentError {
      override name = 'StorageError'
    }
    const error = deserialize(serialize(new StorageError('x')))
    expect(error.name).toBe('StorageError')
    expect(error).toBeInstanceOf(PermanentError)
  })

  test('ignores what it does not know and refuses what is not of its type', () => {
    const error = deserialize({
      ...wire,
      v: 2,
      status: '429',
      outcome: 'maybe',
      retryAfterMs: Number.NaN,
      requestId: {},
      details: ['x'],
      isAdmin: true,
    })
    expect(serialize(error)).toEqual({
      v: 1,
      name: 'RateLimitError',
      kind: 'rate_limit',
      code: 'MESSAGING_CHANNEL_FLOODED',
      message: 'Too fast',
    })
    expect(error).not.toHaveProperty('isAdmin')
  })

  test('takes causes that cannot be read for none', () => {
    const trap = () => {
      throw new Error('trap')
    }
    const causes = new Proxy([{ name: 'Error', message: 'x' }], { get: trap })
    expect(deserialize({ ...wire, causes })).not.toHaveProperty('cause')
  })

  test('reads the older wire of the platform', () => {
    expect(
      deserialize({ name: 'RateLimitError', message: '{"message":"m","remaining":2}' }),
    ).toMatchObject({
      kind: 'rate_limit',
      message: 'm',
      retryAfterMs: 2000,
    })
    expect(deserialize('{"errorType":"AuthError","errorMessage":"m"}')).toMatchObject({
      kind: 'auth',
      message: 'm',
    })
  })

  test.each([
    undefined,
    null,
    5,
    '',
    'text',
    '{',
    '[]',
    [],
    {},
    { kind: 'x' },
    { kind: '__proto__' },
  ])('%j becomes PROTOCOL', (value) => {
    expect(deserialize(value)).toMatchObject({ kind: 'permanent', code: 'PROTOCOL' })
  })

  test('the type is the base class', () => {
    expectTypeOf(deserialize).returns.toEqualTypeOf<IntegrationError>()
    expectTypeOf(full.toJSON()).toEqualTypeOf<SerializedError>()
  })
})
