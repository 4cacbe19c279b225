import { type ErrorRule, findRule } from './error-rule.ts'
import { errorFromFinding, type Finding, isErrorKind, outcomeFor, type Verdict } from './finding.ts'
import { type HeaderReader, headerReader } from './headers.ts'
import { statusRow } from './http-status.ts'
import { type IntegrationError, isHealedByTime } from './integration-error.ts'
import { findRetryHint, type RetryHintOptions } from './parse-retry-hint.ts'
import { type BodyReport, readBody } from './response-body.ts'
import { isLimitExhausted } from './retry-hint-sources.ts'
import { read } from './safe-read.ts'
import type { Redact } from './safe-text.ts'

/**
 * An answer of any client: a fetch `Response`, undici's or got's (`statusCode`), axios's (`data`), or a plain
 * `{ status, headers, body }`. A body that is a stream is not read: pass what you read from it as `options.body`.
 */
export type ResponseLike = ({ readonly status: number } | { readonly statusCode: number }) & {
  readonly headers?: unknown
  readonly body?: unknown
  readonly data?: unknown
}

/** How to read an answer: what the caller knows of it, of the provider and of its secrets. */
export interface FromResponseOptions extends RetryHintOptions {
  /** The body, read or parsed. Default: `data` or `body` of the response, unless it is a stream. */
  body?: unknown
  /**
   * The request's method. After a safe one (`GET`) no `outcome` is in doubt. Default: what the errors of axios, got, ky
   * and Octokit say; otherwise taken to be unsafe.
   */
  method?: string | undefined
  /** Whether the credential can be refreshed: a 401 is then `TOKEN_EXPIRED`. Default `false`. */
  refreshable?: boolean | undefined
  /** The provider's own ways to say things, asked before every default. Default: none. */
  rules?: readonly ErrorRule[] | undefined
  /** Replaces secrets in the message, the request id and the details. Default: none are known. */
  redact?: Redact | undefined
}

const REQUEST_ID_HEADERS = [
  'x-request-id',
  'request-id',
  'x-amzn-requestid',
  'x-amz-request-id',
  'x-github-request-id',
  'x-ms-request-id',
  'x-slack-req-id',
  'x-fb-trace-id',
  'x-correlation-id',
  'cf-ray',
]

/**
 * What the `error` member of an OAuth answer means. Only the first three are the owner's business; the others
 * must never cost anybody a connection that still works.
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-3.1
 */
const OAUTH_ERRORS: Readonly<Record<string, Verdict>> = {
  invalid_grant: { kind: 'auth', code: 'CREDENTIAL_INVALID' },
  invalid_client: { kind: 'auth', code: 'CREDENTIAL_INVALID' },
  unauthorized_client: { kind: 'auth', code: 'CREDENTIAL_INVALID' },
  invalid_token: { kind: 'auth', code: 'TOKEN_EXPIRED' },
  insufficient_scope: { kind: 'auth', code: 'INSUFFICIENT_SCOPE' },
  temporarily_unavailable: { kind: 'transient', code: 'UNAVAILABLE' },
  slow_down: { kind: 'rate_limit', code: 'RATE_LIMITED' },
}

/**
 * The error an HTTP answer stands for, or `undefined` if it is none: a status below 400 that no rule calls an error.
 * Never consumes a body.
 * @throws {TypeError} when `response` has no numeric `status` or `statusCode`, or an option is not of its range.
 */
export function fromResponse(
  response: ResponseLike,
  options: FromResponseOptions = {},
): IntegrationError | undefined {
  const status = statusOf(response)
  if (status === undefined) {
    throw new TypeError('fromResponse needs a response with a numeric "status" or "statusCode"')
  }
  if (isSuccess(status) && !options.rules?.length) return undefined
  const finding = judgeResponse(response, status, options)
  return finding && errorFromFinding(finding, { redact: options.redact })
}

/** The numeric status of anything that looks like a response. */
export function statusOf(response: unknown): number | undefined {
  for (const key of ['status', 'statusCode']) {
    const status = read(response, key)
    if (typeof status === 'number' && Number.isInteger(status)) return status
  }
  return undefined
}

export function judgeResponse(
  response: unknown,
  status: number,
  options: FromResponseOptions,
): Finding | undefined {
  const header = headerReader(read(response, 'headers'))
  const report = readBody(options.body ?? read(response, 'data') ?? read(response, 'body'))
  const { json, message } = report
  const rule = findRule(options.rules, { status, header, json, message })
  if (rule?.kind === 'none' || (!rule && isSuccess(status))) return undefined
  const verdict = rule ? verdictOfRule(rule, status) : verdictOf(status, header, report, options)
  const hint = isHealedByTime(verdict.kind)
    ? findRetryHint(header, { ...options, body: json })
    : undefined
  // Who asks to come back later has declined.
  const outcome = hint && status === 503 ? 'rejected' : verdict.outcome
  return {
    ...verdict,
    outcome: outcomeFor(outcome, options.method),
    message: sentence(status, message),
    status,
    requestId: requestIdOf(header) ?? report.requestId,
    retryAfterMs: hint?.delayMs,
    details: report.providerCode === undefined ? undefined : { providerCode: report.providerCode },
  }
}

function isSuccess(status: number): boolean {
  return status >= 100 && status < 400
}

function verdictOfRule({ kind, code }: ErrorRule, status: number): Verdict {
  if (!isErrorKind(kind)) {
    throw new TypeError(
      `The "kind" of a rule must be a kind of error or "none", got ${String(kind)}`,
    )
  }
  const row = statusRow(status)
  const general = kind === row.kind ? row.code : GENERAL_CODES[kind]
  return { kind, code: code ?? general, outcome: row.outcome }
}

const GENERAL_CODES = {
  auth: 'CREDENTIAL_INVALID',
  rate_limit: 'RATE_LIMITED',
  transient: 'UNAVAILABLE',
  permanent: 'INPUT_INVALID',
} as const

function verdictOf(
  status: number,
  header: HeaderReader,
  report: BodyReport,
  options: FromResponseOptions,
): Verdict {
  const row = statusRow(status)
  const oauth = challengeError(header) ?? read(report.json, 'error')
  const spoken = typeof oauth === 'string' && status <= 403 ? own(OAUTH_ERRORS, oauth) : undefined
  if (spoken) return { ...spoken, outcome: row.outcome }
  if (status === 401 && options.refreshable) return { ...row, code: 'TOKEN_EXPIRED' }
  if (status === 403 && (isLimitExhausted(header) || speaksOfLimits(report))) {
    return { kind: 'rate_limit', code: 'RATE_LIMITED', outcome: 'rejected' }
  }
  return row
}

/** The `error` parameter of a `WWW-Authenticate` challenge: the scope and the token are different people's work. */
function challengeError(header: HeaderReader): string | undefined {
  for (const challenge of header('www-authenticate')) {
    const found = /\berror\s*=\s*"?(\w+)/i.exec(challenge)?.[1]
    if (found) return found.toLowerCase()
  }
  return undefined
}

/** Some providers answer 403 for limits and say so only in words (`userRateLimitExceeded`, "secondary rate limit"). */
function speaksOfLimits({ message, providerCode }: BodyReport): boolean {
  return /(?:rate|request).?limit|too many requests|throttl/i.test(
    `${message ?? ''} ${providerCode ?? ''}`,
  )
}

function own<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined
}

function requestIdOf(header: HeaderReader): string | undefined {
  for (const name of REQUEST_ID_HEADERS) {
    const [id] = header(name)
    if (id !== undefined) return id
  }
  return undefined
}

function sentence(status: number, message: string | undefined): string {
  const head = `HTTP ${status} ${statusRow(status).reason}`
  return message ? `${head}: ${message}` : head
}
