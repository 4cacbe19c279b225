import { describe, expect, test } from 'vitest'
import { errors, fromLegacy, type IntegrationError, toLegacy } from '../src/index.ts'

test.each<[IntegrationError, string, string]>([
  [errors.authError('Reconnect'), 'AuthError', 'Reconnect'],
  [errors.error('Broken'), 'Error', 'Broken'],
  [errors.transientError('Down'), 'TransientError', 'Down'],
  [errors.rateLimitError('Later', 90), 'RateLimitError', '{"message":"Later","remaining":90}'],
  [errors.rateLimitError('Later'), 'RateLimitError', '{"message":"Later","remaining":0}'],
  [errors.rateLimitError('Later', 0.2), 'RateLimitError', '{"message":"Later","remaining":1}'],
])('%s is written as the platform reads it', (error, name, message) => {
  expect(toLegacy(error)).toEqual({ name, message })
})

describe('round trips', () => {
  test.each([
    errors.authError('Reconnect'),
    errors.error('Broken'),
    errors.transientError('Down'),
    errors.rateLimitError('Later', 90),
    errors.rateLimitError('Later'),
    errors.rateLimitError('{"message":"quoted","remaining":5}', 7),
    errors.rateLimitError('a "quote" and \\ slash', 1),
    errors.error('two\nlines  and https://host/?query=kept'),
    errors.rateLimitError('two\nlines', 2),
    errors.authError(''),
  ])('%s comes back with kind, message and wait', (error) => {
    const { kind, message, retryAfterMs } = error
    for (const wire of [toLegacy(error), JSON.stringify(toLegacy(error))]) {
      const back = fromLegacy(wire)
      expect(back).toMatchObject({ kind, message })
      expect(back.retryAfterMs).toBe(retryAfterMs)
      expect(toLegacy(back)).toEqual(toLegacy(error))
    }
  })
})

describe('fromLegacy', () => {
  test('reads real errors and the form of a Lambda function', () => {
    const real = Object.assign(new Error('x'), { name: 'TransientError' })
    expect(fromLegacy(real).kind).toBe('transient')
    expect(fromLegacy({ errorType: 'AuthError', errorMessage: 'y' })).toMatchObject({
      kind: 'auth',
      message: 'y',
    })
  })

  test.each([
    ['{"message":"m","remaining":"12"}', 'm', 12_000],
    ['{"message":"m","remaining":1.2}', 'm', 2000],
    ['{"message":"m","remaining":0}', 'm', undefined],
    ['{"message":"m","remaining":-4}', 'm', undefined],
    ['{"message":"m","remaining":null}', 'm', undefined],
    ['{"message":"m"}', 'm', undefined],
    ['{"remaining":3}', '{"remaining":3}', 3000],
    ['plain text', 'plain text', undefined],
    ['{broken', '{broken', undefined],
    ['[1]', '[1]', undefined],
  ])('the message of a rate limit %s', (message, text, retryAfterMs) => {
    const error = fromLegacy({ name: 'RateLimitError', message })
    expect(error).toMatchObject({ kind: 'rate_limit', message: text })
    expect(error.retryAfterMs).toBe(retryAfterMs)
  })

  test.each([undefined, null, 5, {}, [], { name: 7 }, { name: 'Whatever', message: {} }])(
    '%j is a permanent error',
    (value) => {
      expect(fromLegacy(value)).toMatchObject({
        kind: 'permanent',
        message: 'No message was given',
      })
    },
  )

  test('a plain text is the message', () => {
    expect(fromLegacy('it broke').message).toBe('it broke')
  })
})

test('secrets stay behind in both directions', () => {
  const redact = (text: string) => text.replaceAll('s3cret', '***')
  const error = errors.rateLimitError('key s3cret', 1)
  expect(toLegacy(error, { redact }).message).toBe('{"message":"key ***","remaining":1}')
  expect(fromLegacy({ name: 'Error', message: 'key s3cret' }, { redact }).message).toBe('key ***')
})
