import type { ErrorKind, IntegrationError, Outcome } from './integration-error.ts'
import { type Redact, redacted } from './safe-text.ts'

/** An RFC 9457 problem, to be sent as `application/problem+json`. */
export interface ProblemDetails {
  /** A URI that names the problem; `about:blank` without `typeBase`. */
  type: string
  /** The same sentence for every problem of a kind. */
  title: string
  /** The status to answer with: 401, 422, 429 or 503, by kind. Not the status that caused the error. */
  status: number
  /** The error's message. */
  detail: string
  kind: ErrorKind
  code: string
  instance?: string
  requestId?: string
  outcome?: Outcome
  /** Milliseconds. Send it as `Retry-After` too, in whole seconds. */
  retryAfterMs?: number
}

/** How to address a problem, and what to hide in it. */
export interface ToProblemOptions {
  /** Prefix of `type`; the code follows in lower case with hyphens. Default: `type` is `about:blank`. */
  typeBase?: string | undefined
  /** A URI of this occurrence. Default: absent. */
  instance?: string | undefined
  /** Replaces secrets in what leaves. Default: none are known. */
  redact?: Redact | undefined
}

/** One status per kind, so that whoever receives it makes the same decision. */
const KINDS: Readonly<Record<ErrorKind, readonly [status: number, title: string]>> = {
  auth: [401, 'The connected account must be authorized again'],
  rate_limit: [429, 'A limit is used up for now'],
  transient: [503, 'The other side is not available right now'],
  permanent: [422, 'The request cannot be carried out'],
}

/**
 * The problem document of an error, for answering over HTTP. Details, stack and cause stay behind.
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
export function toProblem(error: IntegrationError, options: ToProblemOptions = {}): ProblemDetails {
  const [status, title] = KINDS[error.kind]
  const code = redacted(error.code, options.redact)
  const { typeBase, instance } = options
  return {
    type:
      typeBase === undefined ? 'about:blank' : typeBase + code.toLowerCase().replaceAll('_', '-'),
    title,
    status,
    detail: redacted(error.message, options.redact),
    kind: error.kind,
    code,
    ...(instance !== undefined && { instance }),
    ...(error.requestId !== undefined && { requestId: redacted(error.requestId, options.redact) }),
    ...(error.outcome !== undefined && { outcome: error.outcome }),
    ...(error.retryAfterMs !== undefined && { retryAfterMs: error.retryAfterMs }),
  }
}
