export { AuthError } from './auth-error.ts'
export { errors } from './errors.ts'
export type {
  ErrorCode,
  ErrorDetails,
  ErrorKind,
  IntegrationErrorOptions,
  Outcome,
  SerializedError,
} from './integration-error.ts'
export { IntegrationError, isIntegrationError } from './integration-error.ts'
export { PermanentError } from './permanent-error.ts'
export { RateLimitError } from './rate-limit-error.ts'
export { TransientError } from './transient-error.ts'
