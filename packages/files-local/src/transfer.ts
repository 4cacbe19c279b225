import { setTimeout as sleep } from 'node:timers/promises'
import { copyError, type IntegrationError, isIntegrationError } from '@mortise/errors'
import { type AttemptOptions, attemptOnce, type TransferState, wantsRest } from './attempt.ts'
import type { DownloadPhase } from './download-error.ts'
import type { Exchange } from './exchange.ts'
import { toRequestError } from './request-error.ts'
import { type RetryOptions, retryDelay } from './retry-delay.ts'
import type { TransferTarget } from './transfer-target.ts'

/** How a transfer went. */
export interface TransferReport {
  exchange: Exchange
  wireBytes: number
  attempts: number
  /** Attempts that went on where the one before had stopped. */
  resumed: number
  /** What shows that the body is complete: its length, its framing, or only that the server closed in order. */
  completeness: 'length' | 'framing' | 'close'
}

export interface TransferOptions extends AttemptOptions, RetryOptions {
  /** Ends everything with an error. */
  abort(error: Error): void
}

/**
 * Moves one body to a target, in several attempts if need be. A later attempt goes on where the last one stopped only
 * if the server vouches, by `If-Range` on a strong entity tag, that it is the same version; else it begins again.
 */
export async function transfer(
  options: TransferOptions,
  target: TransferTarget,
): Promise<TransferReport> {
  const state: TransferState = {
    offset: target.start?.offset ?? 0,
    total: target.start?.total,
    validator: target.start?.validator,
    codings: '',
    resumed: 0,
    phase: 'request',
    begun: false,
    first: options.first,
  }
  for (let attempt = 1; ; attempt += 1) {
    options.progress.attempt = attempt
    try {
      const exchange = await attemptOnce(options, state, target)
      return { ...report(exchange, state), attempts: attempt }
    } catch (thrown) {
      const error = toRequestError(options.signal.aborted ? options.signal.reason : thrown)
      const whole = !wantsRest(options, state)
      const possible = whole || state.validator !== undefined || target.canBeginAgain()
      const delayMs =
        possible && !options.signal.aborted ? retryDelay(error, attempt, options) : undefined
      if (delayMs === undefined) throw withEvidence(error, attempt, state, options.url)
      await sleep(delayMs, undefined, { signal: options.signal }).catch(() => {})
    }
  }
}

function report(exchange: Exchange, state: TransferState): Omit<TransferReport, 'attempts'> {
  const framed = exchange.headers['transfer-encoding'] !== undefined
  return {
    exchange,
    wireBytes: state.offset,
    resumed: state.resumed,
    completeness: state.total !== undefined ? 'length' : framed ? 'framing' : 'close',
  }
}

/** Only the origin of an address is told: paths and queries of files often hold a secret. */
function withEvidence(
  error: IntegrationError,
  attempts: number,
  state: TransferState,
  url: URL,
): IntegrationError {
  const { phase } = state
  return copyError(error, {
    details: { phase, origin: url.origin, attempts, bytes: state.offset, ...error.details },
  })
}

/** Whether a failure belongs to a phase, see {@link DownloadPhase}. */
export function phaseOf(error: unknown): DownloadPhase | undefined {
  return isIntegrationError(error) ? (error.details?.phase as DownloadPhase) : undefined
}
