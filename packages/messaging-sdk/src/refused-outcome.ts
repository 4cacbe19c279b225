import { AuthError, PermanentError, RateLimitError, TransientError } from '@mortise/errors'
import { defined } from './defined.ts'
import { retryAfter } from './platform-request.ts'
import type { SendOutcome } from './send-outcome.ts'

/** What a refusal can mean for a send. */
export type RefusalKind = Exclude<SendOutcome, { outcome: 'sent' | 'duplicate' }>['outcome']

/** A platform's no, in its own words. */
export interface Refusal {
  /** For messages to people: `WhatsApp`. */
  platform: string
  outcome: RefusalKind
  answer: { status: number; headers: Headers; body: unknown }
  /** The platform's own code. */
  providerCode: string
  /** What the platform says, for people. */
  reason: string | undefined
  /** Ours, for permanent ones. Default `MESSAGING_MESSAGE_REFUSED`. */
  code?: string
  /** For its support desk. */
  requestId?: string | undefined
  /** More evidence, without secrets. */
  details?: Record<string, unknown>
  /** How long to wait, where the body says it. Default: what the headers say, else {@link DEFAULT_PAUSE_MS}. */
  retryAfterMs?: number | undefined
  /** Who must wait. Default: the whole channel. */
  scope?: 'channel' | 'recipient'
  now: number
}

/** The pause after "too fast" from a platform that names none. */
export const DEFAULT_PAUSE_MS = 1_000

/** The outcome of a refusal, with the error of its kind. */
export function refusedOutcome(refusal: Refusal): SendOutcome {
  const { platform, outcome, answer, providerCode, reason, scope } = refusal
  const message = `${platform} refused (${providerCode}): ${reason ?? 'no reason given'}`
  const raw = answer.body
  const options = {
    status: answer.status,
    outcome: outcome === 'unknown' ? 'unknown' : 'rejected',
    requestId: refusal.requestId,
    details: { providerCode, ...refusal.details },
  } as const
  switch (outcome) {
    case 'throttled': {
      const told = refusal.retryAfterMs ?? retryAfter(answer.headers, refusal.now)
      const error = new RateLimitError(message, {
        ...options,
        retryAfterMs: told ?? DEFAULT_PAUSE_MS,
      })
      return { outcome, error, raw, ...defined({ scope }) }
    }
    case 'retryable':
    case 'unknown':
      return { outcome, error: new TransientError(message, options), raw }
    case 'auth':
      return { outcome, error: new AuthError(message, options), raw }
    case 'window':
    case 'permanent': {
      const usual = outcome === 'window' ? 'MESSAGING_WINDOW_CLOSED' : 'MESSAGING_MESSAGE_REFUSED'
      const error = new PermanentError(message, { ...options, code: refusal.code ?? usual })
      return { outcome, error, raw }
    }
  }
}

/** A platform's codes by what they mean, as they are looked up: by code. */
export function refusalTable<Code extends string | number>(
  meanings: Partial<Record<RefusalKind, readonly Code[]>>,
): ReadonlyMap<Code, RefusalKind> {
  const entries = Object.entries(meanings) as [RefusalKind, readonly Code[]][]
  return new Map(entries.flatMap(([kind, codes]) => codes.map((code) => [code, kind] as const)))
}

/**
 * The failure of a step before the message itself (an upload, opening a chat). Nobody saw anything, so what
 * is unknown may be repeated.
 */
export function beforeSending(failure: SendOutcome): SendOutcome {
  if (failure.outcome !== 'unknown') return failure
  const cause = failure.error
  const error = new TransientError(cause.message, { cause, outcome: 'not_sent' })
  return { outcome: 'retryable', error }
}
