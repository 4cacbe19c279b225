import type { IntegrationError } from '@mortise/errors'

/**
 * What became of one send.
 *
 * - `sent`, `duplicate`: it is there; the second time the platform recognised our idempotency key.
 * - `throttled`: refused for being too fast; again after `error.retryAfterMs`.
 * - `retryable`: surely not sent, time heals it (refused connection, 503).
 * - `permanent`: the same message would fail again. `auth`: the account's owner must act.
 * - `window`: the platform's conversation window is closed; only a template gets through.
 * - `unknown`: the bytes left and no answer came; it may have been sent.
 */
export type SendOutcome =
  | { outcome: 'sent'; messageId?: string; raw?: unknown }
  | { outcome: 'duplicate'; messageId?: string; raw?: unknown }
  | {
      outcome: 'throttled'
      error: IntegrationError
      /** Who must wait: everything on the channel (default), or what goes to this recipient. */
      scope?: 'channel' | 'recipient'
      raw?: unknown
    }
  | {
      outcome: 'retryable' | 'permanent' | 'auth' | 'window' | 'unknown'
      error: IntegrationError
      raw?: unknown
    }

/** The tags of {@link SendOutcome}. */
export type SendOutcomeName = SendOutcome['outcome']
