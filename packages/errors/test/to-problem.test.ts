import { expect, test } from 'vitest'
import { errors, toProblem } from '../src/index.ts'

test.each([
  [errors.authError('a'), 401],
  [errors.error('a'), 422],
  [errors.rateLimitError('a'), 429],
  [errors.transientError('a'), 503],
])('%s answers with %i', (error, status) => {
  expect(toProblem(error)).toMatchObject({
    status,
    detail: 'a',
    type: 'about:blank',
    kind: error.kind,
  })
})

test('carries what a client needs to decide, and nothing else', () => {
  const error = errors.rateLimitError('Too fast', 2, {
    status: 418,
    requestId: 'r1',
    outcome: 'rejected',
    details: { inner: 1 },
    cause: new Error('inner'),
  })
  const problem = toProblem(error, { typeBase: 'https://errors.example.com/', instance: '/runs/7' })
  expect(problem).toEqual({
    type: 'https://errors.example.com/rate-limited',
    title: 'A limit is used up for now',
    status: 429,
    detail: 'Too fast',
    kind: 'rate_limit',
    code: 'RATE_LIMITED',
    instance: '/runs/7',
    requestId: 'r1',
    outcome: 'rejected',
    retryAfterMs: 2000,
  })
})

test('secrets stay behind', () => {
  const redact = (text: string) => text.replaceAll('s3cret', '***')
  const error = errors.authError('key s3cret', { code: 'X_s3cret', requestId: 's3cret' })
  expect(JSON.stringify(toProblem(error, { redact, typeBase: 'https://e/' }))).not.toContain(
    's3cret',
  )
})
