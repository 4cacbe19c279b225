import { fromUnknown, type IntegrationError, PermanentError } from '@mortise/errors'
import { CHANNEL_CONFIG } from './integration-channels.ts'
import type { ConsumeOptions } from './message-transport.ts'
import { MAX_TIMER_MS, timerMs, wholeNumber } from './whole-number.ts'

/** Consume options with every default in place. */
export interface ConsumeSettings {
  group: string
  channels: readonly string[] | undefined
  from: 'beginning' | 'now'
  maxInFlight: number
  maxRetries: number
  deadLettering: { enabled: boolean; queueName: string }
  ackWaitMs: number
  backoffMs: (attempt: number) => number
}

/** What happens to an envelope whose handler failed. */
export type DeliveryDecision =
  | { action: 'retry'; delayMs: number }
  /** As `retry`, but the attempt does not count. */
  | { action: 'wait'; delayMs: number }
  | { action: 'dead' | 'discard'; error: IntegrationError }

/** What says nothing of itself is worth another try. */
const HANDLER_FAILED = { kind: 'transient', code: 'MESSAGING_HANDLER_FAILED' } as const
const DEFAULT_ACK_WAIT_MS = 30_000
const FIRST_BACKOFF_MS = 1_000
const MAX_BACKOFF_MS = 5 * 60 * 1000

/**
 * Fills in defaults and refuses nonsense.
 * @throws {TypeError} naming the option that is wrong.
 */
export function consumeSettings(
  options: ConsumeOptions,
  handler: unknown,
  random: () => number = Math.random,
): ConsumeSettings {
  const { DEFAULTS } = CHANNEL_CONFIG
  if (typeof handler !== 'function') {
    throw new TypeError(`the handler must be a function, but is ${typeof handler}`)
  }
  if (typeof options.group !== 'string' || !/^[A-Za-z0-9_-]{1,64}$/.test(options.group)) {
    throw new TypeError(
      `group must be 1 to 64 letters, digits, "_" or "-", but is ${JSON.stringify(options.group)}`,
    )
  }
  const { from = 'beginning' } = options
  if (from !== 'beginning' && from !== 'now') {
    throw new TypeError(`from must be "beginning" or "now", but is ${JSON.stringify(from)}`)
  }
  const { channels } = options
  if (channels !== undefined && !(Array.isArray(channels) && channels.every(isText))) {
    throw new TypeError('channels must be a list of names')
  }
  const { queueName = DEFAULTS.deadLettering.queueName } = options.deadLettering ?? {}
  if (!isText(queueName)) throw new TypeError('deadLettering.queueName must be a name')
  const { maxInFlight = DEFAULTS.maxInFlight, maxRetries = DEFAULTS.maxRetries } = options
  return {
    group: options.group,
    channels,
    from,
    maxInFlight: wholeNumber('maxInFlight', maxInFlight, { least: 1 }),
    maxRetries: wholeNumber('maxRetries', maxRetries, { least: 0 }),
    deadLettering: {
      enabled: options.deadLettering?.enabled ?? true,
      queueName,
    },
    ackWaitMs: timerMs('ackWaitMs', options.ackWaitMs ?? DEFAULT_ACK_WAIT_MS, 100),
    backoffMs: (attempt) => ownPause(options, attempt) ?? fullJitter(attempt, random),
  }
}

const isText = (value: unknown) => typeof value === 'string' && value !== ''

/** The pause that the caller's function names; one that throws or names no duration names none. */
function ownPause({ backoffMs }: ConsumeOptions, attempt: number): number | undefined {
  try {
    const pause = backoffMs?.(attempt) ?? Number.NaN
    return pause >= 0 ? pause : undefined
  } catch {
    return undefined
  }
}

/** A pause drawn from zero up to a bound that doubles with each attempt. */
export function fullJitter(
  attempt: number,
  random: () => number = Math.random,
  bounds: { firstMs?: number; maxMs?: number } = {},
): number {
  const first = bounds.firstMs ?? FIRST_BACKOFF_MS
  const most = bounds.maxMs ?? MAX_BACKOFF_MS
  return Math.ceil(random() * Math.min(most, first * 2 ** Math.min(attempt - 1, 30)))
}

/** What to do with a failed attempt; `kind` decides. */
export function decideDelivery(
  thrown: unknown,
  attempt: number,
  settings: ConsumeSettings,
): DeliveryDecision {
  const error = fromUnknown(thrown, { fallback: HANDLER_FAILED })
  const { retryAfterMs } = error
  // The pause comes on top: nobody too early, not everybody at once, and `Retry-After: 0` is no tight loop.
  const delayMs = Math.min((retryAfterMs ?? 0) + settings.backoffMs(attempt), MAX_TIMER_MS)
  // Somebody said when: the work has not failed, it came too early. Without a time it has to end some day.
  if (error.kind === 'rate_limit' && retryAfterMs !== undefined) return { action: 'wait', delayMs }
  const isOver = attempt > settings.maxRetries || !error.retryable
  if (isOver) return { action: settings.deadLettering.enabled ? 'dead' : 'discard', error }
  return { action: 'retry', delayMs }
}

/** The verdict on a delivery whose worker died on every attempt. */
export function abandoned(attempts: number): IntegrationError {
  return new PermanentError(`No worker survived this delivery in ${attempts} attempts`, {
    code: 'MESSAGING_DELIVERY_ABANDONED',
  })
}
