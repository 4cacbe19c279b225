export { AuthError } from './auth-error.ts'
export { deserialize } from './deserialize.ts'
export type { ErrorRule } from './error-rule.ts'
export { errors } from './errors.ts'
export type { FromResponseOptions, ResponseLike } from './from-response.ts'
export { fromResponse } from './from-response.ts'
export type { FromUnknownOptions } from './from-unknown.ts'
export { fromUnknown } from './from-unknown.ts'
export type { HeadersInput } from './headers.ts'
export type {
  ErrorCode,
  ErrorDetails,
  ErrorKind,
  IntegrationErrorOptions,
  Outcome,
} from './integration-error.ts'
export { IntegrationError, isIntegrationError } from './integration-error.ts'
export type { LegacyError } from './legacy-wire.ts'
export { fromLegacy, toLegacy } from './legacy-wire.ts'
export type { DeclaredRetryHint, RetryHint, RetryHintOptions } from './parse-retry-hint.ts'
export { DEFAULT_MAX_DELAY_MS, parseRetryHint } from './parse-retry-hint.ts'
export { PermanentError } from './permanent-error.ts'
export type { JsonValue } from './plain-json.ts'
export { RateLimitError } from './rate-limit-error.ts'
export type { RetryDelayOptions } from './retry-delay-ms.ts'
export { retryDelayMs } from './retry-delay-ms.ts'
export type { RetryHintUnit } from './retry-value.ts'
export type { Redact } from './safe-text.ts'
export type { SerializedCause, SerializedError, SerializeOptions } from './serialize.ts'
export { serialize } from './serialize.ts'
export type { ProblemDetails, ToProblemOptions } from './to-problem.ts'
export { toProblem } from './to-problem.ts'
export { TransientError } from './transient-error.ts'
