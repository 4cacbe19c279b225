import { AuthError } from './auth-error.ts'
import type { IntegrationErrorOptions } from './integration-error.ts'
import { remainingMs } from './legacy-wire.ts'
import { PermanentError } from './permanent-error.ts'
import { RateLimitError } from './rate-limit-error.ts'
import { TransientError } from './transient-error.ts'

/** The platform's four factories. They return the error; throwing it is yours. */
export const errors = {
  /** The account's owner must act. */
  authError: (message: string, options?: IntegrationErrorOptions): AuthError =>
    new AuthError(message, options),
  /** The integration's author must act. */
  error: (message: string, options?: IntegrationErrorOptions): PermanentError =>
    new PermanentError(message, options),
  /** Try again after `remaining` whole seconds. Default 0: nobody knows, the host waits as long as it likes. */
  rateLimitError: (
    message: string,
    remaining = 0,
    options?: IntegrationErrorOptions,
  ): RateLimitError =>
    new RateLimitError(message, {
      ...options,
      retryAfterMs: remainingMs(remaining) ?? options?.retryAfterMs,
    }),
  /** Try again later. */
  transientError: (message: string, options?: IntegrationErrorOptions): TransientError =>
    new TransientError(message, options),
} as const
