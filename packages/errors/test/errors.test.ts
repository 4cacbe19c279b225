import { expect, test } from 'vitest'
import { AuthError, errors, IntegrationError, PermanentError } from '../src/index.ts'

test('the four factories return errors with the names of the platform', () => {
  expect(errors.authError('a').name).toBe('AuthError')
  expect(errors.error('a').name).toBe('Error')
  expect(errors.rateLimitError('a').name).toBe('RateLimitError')
  expect(errors.transientError('a').name).toBe('TransientError')
})

test('instanceof holds between two copies of the module and tells the kinds apart', async () => {
  const copy: typeof import('../src/index.ts') = await import(
    new URL('../src/index.ts?copy', import.meta.url).href
  )
  const foreign = copy.errors.authError('expired')
  expect(foreign).toBeInstanceOf(AuthError)
  expect(foreign).toBeInstanceOf(IntegrationError)
  expect(foreign).not.toBeInstanceOf(PermanentError)
  expect(new Error('plain')).not.toBeInstanceOf(PermanentError)
})
