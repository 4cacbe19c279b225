import { fromUnknown } from '@mortise/errors'
import type { SendResult } from './integration-hooks.ts'
import type { SendOutcome } from './send-outcome.ts'

/** What a `sendMessage` hook's answer means. A failure that it returns was seen: nothing was accepted. */
export function outcomeOfResult(result: SendResult): SendOutcome {
  if (!result.success) return failure(result.error, 'rejected')
  return { outcome: 'sent', ...(result.messageId && { messageId: result.messageId }) }
}

/** What a `sendMessage` hook's exception means. Unless it says more, nobody knows what had left by then. */
export function outcomeOfThrown(thrown: unknown): SendOutcome {
  return failure(thrown, 'unknown')
}

const SEND_FAILED = { kind: 'transient', code: 'MESSAGING_SEND_FAILED' } as const

function failure(thrown: unknown, otherwise: 'rejected' | 'unknown'): SendOutcome {
  const error = fromUnknown(thrown ?? new Error('sendMessage failed'), { fallback: SEND_FAILED })
  if (error.kind === 'auth' || error.kind === 'permanent') return { outcome: error.kind, error }
  if (error.kind === 'rate_limit') return { outcome: 'throttled', error }
  const isUnknown = (error.outcome ?? otherwise) === 'unknown'
  return { outcome: isUnknown ? 'unknown' : 'retryable', error }
}
