import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { encodeResult } from '../src/encode-result.ts'

const limit = 1_000_000
const strict = (value: unknown, maxBytes = limit) =>
  encodeResult(value, { maxBytes, json: 'strict' })
const lossy = (value: unknown, maxBytes = limit) => encodeResult(value, { maxBytes, json: 'lossy' })
const json = (encoded: ReturnType<typeof encodeResult>) =>
  encoded.ok ? encoded.json : encoded.error
const refusal = (message: string) => ({ code: 'invalid_extension_response', message })

class Money {
  amount = 1
}
const cyclic: Record<string, unknown> = { list: [] }
;(cyclic.list as unknown[]).push(cyclic)
let deep: unknown = 0
for (let level = 0; level < 20_000; level++) deep = [deep]
const throwing = Object.defineProperty({}, 'bad', {
  enumerable: true,
  get: () => {
    throw new Error('no')
  },
})

describe('encodeResult', () => {
  it.each([
    [null],
    [0],
    [-1.5],
    ['text'],
    [true],
    [{}],
    [[]],
    [{ a: [{ b: 'ü' }] }],
    [['x', null, false]],
  ])('writes plain JSON as it is: %j', (value) => {
    expect(json(strict(value))).toBe(JSON.stringify(value))
    expect(json(lossy(value))).toBe(JSON.stringify(value))
  })

  it('accepts plain JSON that the original refuses', () => {
    const bare = Object.assign(Object.create(null) as object, { a: 1 })
    expect(json(strict(bare))).toBe('{"a":1}')
    expect(json(lossy({ hasOwnProperty: 1 }))).toBe('{"hasOwnProperty":1}')
    expect(json(strict(runInNewContext('({ a: [1] })')))).toBe('{"a":[1]}')
  })

  it('writes a result of nothing as null, or as the original does as an empty text', () => {
    expect(strict(undefined)).toEqual({ ok: true, json: 'null', bytes: 4 })
    expect(lossy(undefined)).toEqual({ ok: true, json: '', bytes: 0 })
  })

  it.each([
    ['NaN', { a: [1, Number.NaN] }, '$.a[1] is NaN', '{"a":[1,null]}'],
    ['an infinity', { a: -Infinity }, '$.a is -Infinity', '{"a":null}'],
    ['an undefined member', { a: 1, b: undefined }, '$.b is undefined', '{"a":1}'],
    ['a hole in an array', { a: [1, undefined, 2] }, '$.a[1] is undefined', '{"a":[1,null,2]}'],
    ['a boxed primitive', { a: new Number(5) }, '$.a is an instance of Number', '{"a":5}'],
  ])(
    'refuses %s with its path, where the original changes it silently',
    (_name, value, where, silent) => {
      expect(json(strict(value))).toEqual(
        refusal(`Extension response is not serializable: ${where}.`),
      )
      expect(json(lossy(value))).toBe(silent)
    },
  )

  it.each([
    [
      'a getter',
      {
        get a() {
          return 1
        },
      },
      '{"a":1}',
    ],
    ['a symbol key', { [Symbol('s')]: 1, a: 1 }, '{"a":1}'],
  ])('takes %s as the original does', (_name, value, written) => {
    expect(json(strict(value))).toBe(written)
    expect(json(lossy(value))).toBe(written)
  })

  it.each<[string, unknown, string]>([
    ['a Date', { at: new Date(0) }, '$.at is an instance of Date with a toJSON method'],
    ['a Map', [new Map()], '$[0] is an instance of Map'],
    ['a Set', new Set(), '$ is an instance of Set'],
    ['a class instance', { price: new Money() }, '$.price is an instance of Money'],
    ['a function', { f: () => 1 }, '$.f is a function'],
    ['a symbol', [Symbol('s')], '$[0] is a symbol'],
    ['a BigInt', { n: 1n }, '$.n is a bigint'],
    ['a Buffer', Buffer.from('x'), '$ is an instance of Buffer with a toJSON method'],
    ['a typed array', new Uint8Array(2), '$ is an instance of Uint8Array'],
    ['an Error', new Error('x'), '$ is an instance of Error'],
    ['a RegExp', /x/, '$ is an instance of RegExp'],
    ['a cycle', cyclic, ''],
    ['20 000 levels', deep, ''],
    ['a getter that throws', throwing, '$ cannot be read: one of its members throws'],
    ['a toJSON of its own', { a: { toJSON: () => 1 } }, '$.a is an object with a toJSON method'],
    [
      'a hidden toJSON on an array',
      Object.defineProperty([], 'toJSON', { value: () => 1 }),
      '$ is an instance of Array with a toJSON method',
    ],
    ['an invalid Date', { at: new Date('x') }, '$.at is an instance of Date with a toJSON method'],
  ])('refuses %s in both modes', (_name, value, where) => {
    const refused = json(strict(value)) as { code: string; message: string }
    expect(refused.code).toBe('invalid_extension_response')
    if (where !== '')
      expect(refused.message).toBe(`Extension response is not serializable: ${where}.`)
    expect(json(lossy(value))).toEqual(refusal('Extension response is not serializable.'))
  })

  it('counts bytes of UTF-8 exactly', () => {
    const emoji = '😀'.repeat(10)
    expect(strict(emoji, 42)).toMatchObject({ ok: true, bytes: 42 })
    expect(json(strict(emoji, 41))).toEqual({
      code: 'response_size_exceeded',
      message: 'response stream exceeded limit of 41 bytes.',
    })
  })

  it('gives up on an answer with more values than bytes, however it shares them', () => {
    let shared: unknown = 1
    for (let level = 0; level < 60; level++) shared = [shared, shared]
    expect(json(strict(shared))).toMatchObject({ code: 'response_size_exceeded' })
    const sparse: unknown[] = []
    sparse.length = 4e9
    expect(json(lossy(sparse))).toMatchObject({ code: 'response_size_exceeded' })
  })

  it('shortens keys in a path and quotes unusual ones', () => {
    expect(json(strict({ 'a b': Number.NaN }))).toMatchObject({
      message: expect.stringContaining('$["a b"] is NaN') as string,
    })
    expect(json(strict({ ['k'.repeat(500)]: Number.NaN }))).toMatchObject({
      message: expect.not.stringContaining('k'.repeat(100)) as string,
    })
  })
})
