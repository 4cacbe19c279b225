import { judgeAwsError } from './aws-failure.ts'
import { verdictOfFailureCode } from './failure-codes.ts'
import { verdictOfWords } from './failure-words.ts'
import { errorFromFinding, type Finding, outcomeFor } from './finding.ts'
import { type FromResponseOptions, judgeResponse, statusOf } from './from-response.ts'
import {
  type ErrorCode,
  type ErrorKind,
  type IntegrationError,
  isIntegrationError,
} from './integration-error.ts'
import { readLegacy } from './legacy-wire.ts'
import { PermanentError } from './permanent-error.ts'
import { redactedCopy } from './redacted-copy.ts'
import { isErrorLike, isObject, read, readArray, readString } from './safe-read.ts'
import { safeText } from './safe-text.ts'
import { judgeValidationError } from './validation-failure.ts'

/** The same options as for an answer (they apply when the thrown value carries one), and how the work was called off. */
export interface FromUnknownOptions extends Omit<FromResponseOptions, 'body'> {
  /**
   * The signal given to what threw: then any reason given to `abort()` is `ABORTED`, also a text, unless it says more
   * itself (a timeout, an error with a code, one of ours). Default: none.
   */
  signal?: { readonly aborted: boolean; readonly reason?: unknown } | undefined
  /** What a failure is that says nothing about who must act. Default `permanent`, `BUG`. */
  fallback?: { readonly kind: ErrorKind; readonly code: ErrorCode } | undefined
}

/** Deep enough for every client's wrapping; a chain can be endless. */
const MAX_DEPTH = 5
/** Enough of an `AggregateError` to see what it is about. */
const MAX_AGGREGATED = 10
/** Aggregates in aggregates grow by powers; nobody learns more from the fiftieth failure. */
const MAX_LOOKED_AT = 50

interface Search {
  options: FromUnknownOptions
  /** The way down to here, against circles. */
  seen: Set<unknown>
  budget: { left: number }
}

/**
 * The error that any thrown value stands for. Never throws, whatever the value does; an error of ours comes back
 * as it is (or as a redacted copy, if `redact` finds something in it), anything else becomes the new error's `cause`.
 *
 * Understood are HTTP errors of axios, ky, got, Octokit and whoever else has `response`, `status` or `statusCode`;
 * AWS SDK errors; aborts and timeouts; the codes of Node, undici and axios; validation errors with `issues`; the
 * platform's own `{ type, error }` and its named errors; `AggregateError`; and whatever of these hides in a `cause`.
 * What remains is the `fallback`: a `PermanentError` with code `BUG`.
 */
export function fromUnknown(thrown: unknown, options: FromUnknownOptions = {}): IntegrationError {
  try {
    if (isIntegrationError(thrown)) return redactedCopy(thrown, options.redact)
    const state = { options, seen: new Set(), budget: { left: MAX_LOOKED_AT } }
    const finding =
      search(thrown, state) ?? calledOff(thrown, options) ?? unclassified(thrown, state)
    return errorFromFinding(finding, { redact: options.redact, cause: thrown })
  } catch (problem) {
    // Only options can do this: a rule of no kind, a clock that throws.
    const message = `fromUnknown could not judge what was thrown: ${messageOf(problem)}`
    return new PermanentError(safeText(message, options?.redact), { cause: thrown })
  }
}

function search(thrown: unknown, state: Search): Finding | undefined {
  if (!isObject(thrown) || state.seen.has(thrown) || state.seen.size >= MAX_DEPTH) return undefined
  if (state.budget.left-- <= 0) return undefined
  state.seen.add(thrown)
  for (const judge of JUDGES) {
    const finding = judge(thrown, state)
    if (finding) return finding
  }
  return undefined
}

/** Asked in this order: what the thrown value says itself, then what it wraps, then what only its words give away. */
const JUDGES: readonly ((thrown: object, state: Search) => Finding | undefined)[] = [
  judgeOwn,
  judgeAbort,
  judgeValidationError,
  (thrown, { options }) => judgeAwsError(thrown, options),
  judgeCarriedResponse,
  judgeCode,
  judgeLegacy,
  judgeTyped,
  judgeAggregate,
  judgeCause,
  judgeWords,
]

function judgeOwn(thrown: object): Finding | undefined {
  if (!isIntegrationError(thrown)) return undefined
  const { kind, code, message, status, requestId, outcome, retryAfterMs, details } = thrown
  return { kind, code, message, status, requestId, outcome, retryAfterMs, details }
}

/** An abort tells why in its cause: a timeout, or whatever the caller gave to `abort()`. */
function judgeAbort(thrown: object, state: Search): Finding | undefined {
  const name = readString(thrown, 'name')
  if (name === 'TimeoutError') return local(thrown, 'TIMEOUT', state)
  if (name !== 'AbortError' && name !== 'CanceledError') return undefined
  return search(read(thrown, 'cause'), state) ?? local(thrown, 'ABORTED', state)
}

function local(thrown: object, code: 'TIMEOUT' | 'ABORTED', { options }: Search): Finding {
  const outcome = outcomeFor('unknown', options.method)
  return { kind: 'transient', code, outcome, message: messageOf(thrown) }
}

function judgeCarriedResponse(thrown: object, { options }: Search): Finding | undefined {
  const response = read(thrown, 'response')
  const carrier = statusOf(response) === undefined ? thrown : response
  const status = statusOf(carrier)
  if (status === undefined || status < 400 || status > 599) return undefined
  const method = options.method ?? methodOf(thrown)
  const finding = judgeResponse(carrier, status, { ...options, method })
  if (!finding || carrier === response) return finding
  // The error is its own response, and its message, if it has one, says more than we could put together.
  return { ...finding, message: messageOf(thrown) || finding.message }
}

function judgeCode(thrown: object, { options }: Search): Finding | undefined {
  const verdict = verdictOfFailureCode(read(thrown, 'code'))
  if (!verdict) return undefined
  const outcome = isAboutConnecting(thrown) ? 'not_sent' : verdict.outcome
  const method = options.method ?? methodOf(thrown)
  return { ...verdict, outcome: outcomeFor(outcome, method), message: messageOf(thrown) }
}

/** Where axios, got, ky and Octokit keep the request's method. */
function methodOf(thrown: object): string | undefined {
  return ['config', 'options', 'request'].reduce<string | undefined>(
    (found, holder) => found ?? readString(read(thrown, holder), 'method'),
    undefined,
  )
}

/** Node says which call failed: before a connection stands, nothing has been sent. Several addresses fail together. */
function isAboutConnecting(thrown: object): boolean {
  const [failure = thrown] = readArray(thrown, 'errors', 1) ?? []
  return read(failure, 'syscall') === 'connect'
}

function judgeLegacy(thrown: object): Finding | undefined {
  const name = readString(thrown, 'name')
  return name === 'AuthError' || name === 'RateLimitError' || name === 'TransientError'
    ? readLegacy(name, messageOf(thrown))
    : undefined
}

/** The platform's file helpers throw plain `{ type, error }` objects. */
function judgeTyped(thrown: object, state: Search): Finding | undefined {
  const type = readString(thrown, 'type')
  const inner = read(thrown, 'error')
  if (type === undefined || inner === undefined || isErrorLike(thrown)) return undefined
  const finding = search(inner, state) ?? unclassified(inner, state)
  return {
    ...finding,
    message: `${type}: ${finding.message}`,
    details: { ...finding.details, type },
  }
}

/** One failure that needs a person outweighs any number that time heals; among those the longest wait counts. */
function judgeAggregate(thrown: object, state: Search): Finding | undefined {
  const findings = (readArray(thrown, 'errors', MAX_AGGREGATED) ?? []).map((error) => {
    return search(error, { ...state, seen: new Set(state.seen) }) ?? unclassified(error, state)
  })
  const needsSomebody = findings.find(({ kind }) => kind === 'auth' || kind === 'permanent')
  return needsSomebody ?? findings.toSorted(byWait)[0]
}

function byWait(left: Finding, right: Finding): number {
  return (right.retryAfterMs ?? -1) - (left.retryAfterMs ?? -1)
}

function judgeCause(thrown: object, state: Search): Finding | undefined {
  const finding = search(read(thrown, 'cause'), state)
  const outer = messageOf(thrown)
  if (!finding || outer === '' || finding.message.includes(outer)) return finding
  return { ...finding, message: `${outer}: ${finding.message}` }
}

function judgeWords(thrown: object, { options }: Search): Finding | undefined {
  const message = messageOf(thrown)
  const verdict = verdictOfWords(readString(thrown, 'name') ?? '', message)
  return verdict && { ...verdict, outcome: outcomeFor(verdict.outcome, options.method), message }
}

function calledOff(thrown: unknown, { signal, method }: FromUnknownOptions): Finding | undefined {
  if (!signal?.aborted || signal.reason !== thrown) return undefined
  const message = messageOf(thrown) || 'The work was called off'
  return { kind: 'transient', code: 'ABORTED', outcome: outcomeFor('unknown', method), message }
}

function unclassified(thrown: unknown, { options }: Search): Finding {
  const { kind, code } = options.fallback ?? { kind: 'permanent', code: 'BUG' }
  return { kind, code, message: messageOf(thrown) || describe(thrown) }
}

function messageOf(thrown: unknown): string {
  if (typeof thrown === 'string') return thrown
  return readString(thrown, 'message') ?? readString(thrown, 'name') ?? ''
}

function describe(thrown: unknown): string {
  if (isObject(thrown)) return 'An object without a message was thrown'
  return `A value that is no error was thrown (${typeof thrown})`
}
