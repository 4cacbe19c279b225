import { describe, expect, test } from 'vitest'
import { errors, retryDelayMs } from '../src/index.ts'

const transient = errors.transientError('down')
const most = () => 1 - Number.EPSILON
const least = () => 0

test('the ceiling doubles with every attempt up to the cap', () => {
  const delays = [1, 2, 3, 7, 8, 9, 5000].map((attempt) =>
    retryDelayMs(transient, { attempt, random: most }),
  )
  expect(delays).toEqual([500, 1000, 2000, 32_000, 60_000, 60_000, 60_000])
})

test('the jitter is full: from nothing to the ceiling', () => {
  expect(retryDelayMs(transient, { attempt: 5, random: least })).toBe(0)
  expect(retryDelayMs(transient, { attempt: 5, random: () => 0.5 })).toBe(4000)
  for (let round = 0; round < 100; round++) {
    const delay = retryDelayMs(transient, { attempt: 3, baseMs: 10, capMs: 25 })
    expect(delay).toBeGreaterThanOrEqual(0)
    expect(delay).toBeLessThanOrEqual(25)
  }
})

test('what the other side asked for is the least, beyond the cap too', () => {
  const error = errors.rateLimitError('later', 120)
  expect(retryDelayMs(error, { attempt: 1, random: least })).toBe(120_000)
  expect(retryDelayMs(error, { attempt: 1, random: most })).toBe(120_500)
  expect(retryDelayMs(error, { attempt: 9, random: most })).toBe(180_000)
})

test('who is told to come back at once is not let into a tight loop', () => {
  const error = errors.transientError('busy', { retryAfterMs: 0 })
  expect(retryDelayMs(error, { attempt: 4, random: () => 0.5 })).toBe(2000)
})

test('a rate limit that says nothing backs off like any outage', () => {
  expect(retryDelayMs(errors.rateLimitError('later'), { attempt: 2, random: most })).toBe(1000)
})

describe('no retry', () => {
  test('for what needs a person', () => {
    expect(retryDelayMs(errors.authError('x'), { attempt: 1 })).toBeUndefined()
    expect(retryDelayMs(errors.error('x'), { attempt: 1 })).toBeUndefined()
  })

  test('of a write that may have happened, unless repeating does no harm', () => {
    const error = errors.transientError('timeout', { outcome: 'unknown' })
    expect(retryDelayMs(error, { attempt: 1 })).toBeUndefined()
    expect(retryDelayMs(error, { attempt: 1, idempotent: true, random: most })).toBe(500)
    const refused = errors.transientError('refused', { outcome: 'not_sent' })
    expect(retryDelayMs(refused, { attempt: 1, random: most })).toBe(500)
  })
})

test.each([
  [{ attempt: 0 }, /"attempt" must be a whole number from 1, got 0/],
  [{ attempt: 1.5 }, /"attempt"/],
  [{ attempt: Number.NaN }, /"attempt"/],
  [{ attempt: 1, baseMs: -1 }, /"baseMs" must be a number of milliseconds, got -1/],
  [{ attempt: 1, capMs: Number.NaN }, /"capMs"/],
])('%o is a mistake of the caller', (options, message) => {
  expect(() => retryDelayMs(transient, options)).toThrow(TypeError)
  expect(() => retryDelayMs(transient, options)).toThrow(message)
})

test('no base means no wait, however often', () => {
  expect(retryDelayMs(transient, { attempt: 5000, baseMs: 0 })).toBe(0)
})
