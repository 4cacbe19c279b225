import { read, readString } from './safe-read.ts'
import { maskCredentials } from './safe-text.ts'
import { causesOf, type SerializedError, serialize } from './serialize.ts'

/** Who must act next: the account's owner, time (with a known or unknown wait), or the integration's author. */
export type ErrorKind = 'auth' | 'rate_limit' | 'transient' | 'permanent'

/** Whether a write may have happened: it never left, the other side refused it, or nobody knows. */
export type Outcome = 'not_sent' | 'rejected' | 'unknown'

/**
 * What happened, as `THING_STATE` in capitals. The listed codes come from this package's classifiers;
 * every other package adds its own with its name in front (`FILES_REMOTE_OBJECT_NOT_FOUND`).
 */
export type ErrorCode =
  | 'CREDENTIAL_INVALID'
  | 'TOKEN_EXPIRED'
  | 'INSUFFICIENT_SCOPE'
  | 'PERMISSION_DENIED'
  | 'CONFIG_INVALID'
  | 'INPUT_INVALID'
  | 'NOT_FOUND'
  | 'CONFLICT'
  | 'QUOTA_EXHAUSTED'
  | 'RATE_LIMITED'
  | 'UNAVAILABLE'
  | 'TIMEOUT'
  | 'NETWORK'
  | 'PROTOCOL'
  | 'ABORTED'
  | 'BUG'
  | (string & {})

/** Evidence without secrets: plain JSON values only. */
export type ErrorDetails = Readonly<Record<string, unknown>>

/** What every error of ours may carry besides its message. */
export interface IntegrationErrorOptions {
  /** What happened. Default: the class's own general code. */
  code?: ErrorCode | undefined
  /** The original failure, kept as it was. It is never serialised whole. */
  cause?: unknown
  /** Evidence for people and logs. Put no secret in it: it is serialised as it is. */
  details?: ErrorDetails | undefined
  /** HTTP status of the answer that caused this, if there was one. */
  status?: number | undefined
  /** The other side's request id, for its support desk. */
  requestId?: string | undefined
  /** Whether a write may have happened. Default: absent, meaning that nothing was written. */
  outcome?: Outcome | undefined
  /** How long to wait before the next try, in milliseconds. */
  retryAfterMs?: number | undefined
}

const KINDS: readonly unknown[] = [
  'auth',
  'rate_limit',
  'transient',
  'permanent',
] satisfies ErrorKind[]

const brand = Symbol.for('mortise.integration-error')

/**
 * The base of the four kinds. `instanceof` compares a brand in the global symbol registry and the kind,
 * not the prototype, so it holds between two installed versions of this package.
 */
export abstract class IntegrationError extends Error {
  /** The kind that `instanceof` of a subclass asks for; `undefined` in the base matches every kind. */
  static readonly kind: ErrorKind | undefined = undefined

  static override [Symbol.hasInstance](value: unknown): boolean {
    // A class of yours that extends one of ours has no kind of its own and is compared as any class is.
    if (!Object.hasOwn(this, 'kind'))
      return Function.prototype[Symbol.hasInstance].call(this, value)
    return isIntegrationError(value) && (this.kind === undefined || value.kind === this.kind)
  }

  abstract readonly kind: ErrorKind
  readonly code: ErrorCode
  declare readonly status?: number
  declare readonly requestId?: string
  declare readonly outcome?: Outcome
  declare readonly retryAfterMs?: number
  declare readonly details?: ErrorDetails

  constructor(message: string, code: ErrorCode, options: IntegrationErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = options.code ?? code
    if (options.status !== undefined) this.status = options.status
    if (options.requestId !== undefined) this.requestId = options.requestId
    if (options.outcome !== undefined) this.outcome = options.outcome
    if (options.retryAfterMs !== undefined) this.retryAfterMs = toDelay(options.retryAfterMs)
    if (options.details !== undefined) this.details = options.details
    Object.defineProperty(this, brand, { value: true })
  }

  /** Whether time alone can heal it: `rate_limit` and `transient`. Says nothing of `outcome`. */
  get retryable(): boolean {
    return isHealedByTime(this.kind)
  }

  /** The allow-listed form for logs and for other processes: no stack, no cause. See {@link serialize}. */
  toJSON(): SerializedError {
    return serialize(this)
  }

  static {
    // Node prints the properties of a cause, and with an HTTP client's error its Authorization header.
    Object.defineProperty(this.prototype, Symbol.for('nodejs.util.inspect.custom'), {
      value: inspectError,
      writable: true,
      configurable: true,
    })
  }
}

/** Whether waiting is all that the kind asks for. */
export function isHealedByTime(kind: ErrorKind): boolean {
  return kind === 'rate_limit' || kind === 'transient'
}

/** Whether a value is an error of ours, from whichever installed copy of this package. Never throws. */
export function isIntegrationError(value: unknown): value is IntegrationError {
  return read(value, brand) === true && KINDS.includes(read(value, 'kind'))
}

/** What `console.log` shows: our own fields and stack, and the stacks of the causes without what they carry. */
function inspectError(
  this: IntegrationError,
  _depth: number,
  options: object,
  inspect?: (value: unknown, options: object) => string,
): string {
  const { v, name, message, ...fields } = serialize(this)
  const causes = causesOf(this).map((cause) => {
    const stack = readString(cause, 'stack') ?? readString(cause, 'message') ?? typeof cause
    return `\ncaused by ${maskCredentials(stack)}`
  })
  const stack = maskCredentials(readString(this, 'stack') ?? `${name}: ${message}`)
  const shown = inspect?.(fields, options) ?? JSON.stringify(fields)
  return `${stack} ${shown}${causes.join('')}`
}

function toDelay(ms: number): number {
  return Number.isFinite(ms) && ms > 0 ? Math.ceil(ms) : 0
}
