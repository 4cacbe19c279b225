import { fromUnknown, IntegrationError } from '@mortise/errors'
import type { Redactor } from '../redactor.ts'

/** Why a ping failed, in terms of who must act. */
export type PingFailureReason =
  /** The user must enter other credentials or connect again. */
  | 'invalid_credentials'
  /** The credentials work, but the account or the token lacks a permission. */
  | 'insufficient_scope'
  /** Nothing is known about the credentials: try again later. */
  | 'rate_limited'
  /** The API did not answer, or answered that it is out of order. */
  | 'unreachable'
  /** The app's author must act: wrong path, wrong manifest, a bug in `ping`. */
  | 'misconfigured'
  /** The API answered with success, but not with what the ping demands. */
  | 'assertion_failed'

interface FailureContext {
  redact: Redactor
  signal: AbortSignal | undefined
}

/** Explains whatever a ping threw; the error keeps no secret. */
export function explainFailure(thrown: unknown, { redact, signal }: FailureContext) {
  const error = redact(fromUnknown(thrown, { redact, signal }))
  return { reason: reasonOf(error, thrown), error }
}

function reasonOf(error: IntegrationError, thrown: unknown): PingFailureReason {
  if (error.code === 'MANIFEST_PING_UNEXPECTED') return 'assertion_failed'
  switch (error.kind) {
    case 'auth':
      return PERMISSION_CODES.has(error.code) ? 'insufficient_scope' : 'invalid_credentials'
    case 'rate_limit':
      return 'rate_limited'
    case 'transient':
      return 'unreachable'
    case 'permanent':
      return isAssertion(error, thrown) ? 'assertion_failed' : 'misconfigured'
  }
}

const PERMISSION_CODES: ReadonlySet<string> = new Set(['INSUFFICIENT_SCOPE', 'PERMISSION_DENIED'])

/** A plain `throw new Error(…)` in a ping is its author's judgement; a TypeError is its author's slip. */
function isAssertion(error: IntegrationError, thrown: unknown): boolean {
  if (error.status !== undefined) return false
  if (thrown instanceof IntegrationError) return error.code === 'BUG'
  if (!(thrown instanceof Error)) return true
  return thrown.name === 'Error' && error.code === 'BUG'
}
