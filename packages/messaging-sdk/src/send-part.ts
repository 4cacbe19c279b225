import { setTimeout as sleep } from 'node:timers/promises'
import { PermanentError, RateLimitError, TransientError } from '@mortise/errors'
import { fullJitter } from './delivery-decision.ts'
import type { PartResult, Send } from './send.ts'
import type { SendOutcome } from './send-outcome.ts'
import { withoutSecrets } from './without-secrets.ts'

/** Pauses between tries: full jitter under 0.5 s, 1 s, 2 s … 30 s, unless the platform says how long. */
const BACKOFF = { firstMs: 500, maxMs: 30_000 }

/**
 * Sends one part until it is decided. With an idempotency key the part is claimed first: who comes second is
 * told what became of the first.
 */
export async function sendPart(send: Send, index: number): Promise<PartResult> {
  const key = claimKey(send, index)
  if (key === undefined) return tryPart(send, index)
  const { claims } = send.transport
  const claim = await claims
    .claim(key, { ttlMs: send.policy.idempotencyTtlMs })
    .catch((error: unknown) => storeAway(error))
  if ('outcome' in claim) return { outcome: claim, attempts: 0 }
  if (claim.state === 'done') {
    const { messageId } = JSON.parse(claim.value) as { messageId?: string }
    return { outcome: { outcome: 'duplicate', ...(messageId && { messageId }) }, attempts: 0 }
  }
  // Somebody began and never said how it ended. Only the platform can tell a repetition from a first.
  if (claim.state === 'pending' && !isRepeatable(send)) return { outcome: inDoubt(), attempts: 0 }
  const result = await tryPart(send, index)
  await settleClaim(send, key, result.outcome)
  return result
}

function claimKey({ message, channel, integration }: Send, index: number): string | undefined {
  if (message.idempotencyKey === undefined) return undefined
  return JSON.stringify([integration.name, channel.id, message.idempotencyKey, index])
}

async function settleClaim(send: Send, key: string, outcome: SendOutcome): Promise<void> {
  const { claims } = send.transport
  try {
    if (outcome.outcome === 'sent' || outcome.outcome === 'duplicate') {
      await claims.complete(key, JSON.stringify({ messageId: outcome.messageId }))
    } else if (outcome.outcome !== 'unknown') {
      await claims.release(key)
    }
  } catch (error) {
    // The claim stays pending: the next try with this key is answered `unknown`, never sent twice.
    send.ctx.logger.error('The end of a send could not be noted', {
      correlationId: send.correlationId,
      error: error instanceof Error ? error.message : String(error),
    })
  }
}

async function tryPart(send: Send, index: number): Promise<PartResult> {
  const { policy, ctx, random } = send
  for (let attempt = 1; ; attempt++) {
    const held = await waitForLimit(send)
    const outcome = held ?? (await attemptPart(send, index))
    if (outcome.outcome === 'throttled' && held === undefined) pauseLane(send, outcome)
    const pause = held ? undefined : retryPause(send, outcome, fullJitter(attempt, random, BACKOFF))
    const isLate = pause !== undefined && ctx.now() + pause - send.startedAt > policy.deadlineMs
    if (pause === undefined || isLate || attempt >= policy.maxAttempts) {
      return { outcome, attempts: attempt }
    }
    if (!(await pauseFor(pause, send.signal))) return { outcome, attempts: attempt }
  }
}

/** Waits for a place; answers with an outcome when there is none in time or the caller has left. */
async function waitForLimit(send: Send): Promise<SendOutcome | undefined> {
  const { limiter, limits, policy, ctx, channel, message } = send
  const maxWaitMs = Math.max(0, policy.deadlineMs - (ctx.now() - send.startedAt))
  const lane = { channelId: channel.id, recipientId: message.to.id }
  const { waitMs, granted } = limiter.reserve(lane, { limits, maxWaitMs })
  if (!granted) {
    const error = new RateLimitError(
      'Too many messages are waiting for this channel or recipient',
      {
        code: 'MESSAGING_LIMIT_REACHED',
        retryAfterMs: waitMs,
        outcome: 'not_sent',
      },
    )
    return { outcome: 'throttled', error }
  }
  return (await pauseFor(waitMs, send.signal)) ? undefined : aborted()
}

function pauseLane(send: Send, outcome: SendOutcome & { outcome: 'throttled' }): void {
  const forMs = outcome.error.retryAfterMs
  if (forMs === undefined) return
  const lane = { channelId: send.channel.id, recipientId: send.message.to.id }
  send.limiter.pause(lane, { scope: outcome.scope ?? 'channel', forMs })
}

/** How long to wait before the same part is tried again; `undefined`: never. */
function retryPause(send: Send, outcome: SendOutcome, backoff: number): number | undefined {
  switch (outcome.outcome) {
    case 'throttled':
    case 'retryable':
      return (outcome.error.retryAfterMs ?? 0) + backoff
    case 'unknown':
      return isRepeatable(send) || send.policy.retryUnknown ? backoff : undefined
    default:
      return undefined
  }
}

/** Whether the platform would recognise a second one. No platform's key covers an answer through a response token. */
function isRepeatable({ integration, message }: Send): boolean {
  return integration.adapter.capabilities.idempotencyKeys && message.responseToken === undefined
}

async function attemptPart(send: Send, index: number): Promise<SendOutcome> {
  const { integration, message, channel, ctx, policy, correlationId } = send
  const part = message.parts[index]
  if (!part) throw new RangeError(`no part ${index}`)
  if (send.signal?.aborted) return aborted()
  const timeout = AbortSignal.timeout(policy.timeoutMs)
  const signal = send.signal ? AbortSignal.any([send.signal, timeout]) : timeout
  const idempotencyKey = `${message.idempotencyKey ?? correlationId}:${index}`
  const { fetch, now } = ctx
  const context = { fetch, now, signal, idempotencyKey, correlationId, app: ctx }
  const { credentials } = channel
  try {
    const outcome = await integration.adapter.send(part, message, channel, context)
    if (!('error' in outcome)) return outcome
    return { ...outcome, error: withoutSecrets(outcome.error, credentials) } as SendOutcome
  } catch (cause) {
    // An adapter that throws broke its contract; whether anything left is anybody's guess.
    const text = `The ${integration.adapter.displayName} adapter failed`
    const error = new PermanentError(text, { code: 'BUG', cause, outcome: 'unknown' })
    return { outcome: 'unknown', error: withoutSecrets(error, credentials) }
  }
}

/** `false` when the signal came first. */
async function pauseFor(ms: number, signal: AbortSignal | undefined): Promise<boolean> {
  if (ms <= 0) return signal?.aborted !== true
  return sleep(ms, true, { ...(signal && { signal }) }).catch(() => false)
}

function aborted(): SendOutcome {
  const options = { code: 'ABORTED', outcome: 'not_sent' } as const
  return { outcome: 'retryable', error: new TransientError('The send was given up', options) }
}

function inDoubt(): SendOutcome {
  const text = 'A send with this idempotency key began and nobody knows how it ended'
  const options = { code: 'MESSAGING_SEND_IN_DOUBT', outcome: 'unknown' } as const
  return { outcome: 'unknown', error: new TransientError(text, options) }
}

function storeAway(cause: unknown): SendOutcome {
  const options = {
    code: 'MESSAGING_TRANSPORT_UNAVAILABLE',
    outcome: 'not_sent',
    cause,
  } as const
  const error = new TransientError('The idempotency key could not be claimed', options)
  return { outcome: 'retryable', error }
}
