import { randomUUID } from 'node:crypto'
import {
  abandoned,
  type ConsumeSettings,
  type DeliveryDecision,
  decideDelivery,
} from './delivery-decision.ts'
import type { ClaimedHead, LaneStore, Settlement } from './lane-store.ts'
import type { DeadLetter, DeliveryHandler, Subscription } from './message-transport.ts'

/** What runs a lane consumer besides its store. */
export interface LaneConsumerOptions {
  store: LaneStore
  settings: ConsumeSettings
  handler: DeliveryHandler
  now: () => number
  /** How often to look for what other processes stored. */
  pollIntervalMs: number
  /** Called when the store itself fails; the consumer goes on at the next poll. */
  onError: (error: unknown) => void
}

/** A running lane consumer; `wake` is called when something was published in this process. */
export interface LaneConsumer extends Subscription {
  wake: () => void
}

/** Leases are renewed three times within their length, so that one late timer loses nothing. */
const RENEWALS_PER_LEASE = 3

/** Claims heads, runs handlers on them, settles; one transaction per turn however many of each. */
export function startLaneConsumer(options: LaneConsumerOptions): LaneConsumer {
  const { store, settings, handler, now } = options
  const worker = randomUUID()
  const running = new Map<ClaimedHead, AbortController>()
  let settlements: Settlement[] = []
  let timer: NodeJS.Timeout | undefined
  let scheduled = false
  let closing: Promise<void> | undefined
  let finished = () => {}

  const wake = () => {
    if (scheduled) return
    scheduled = true
    setImmediate(turn)
  }

  function turn(): void {
    scheduled = false
    clearTimeout(timer)
    const batch = settlements
    settlements = []
    try {
      const max = closing !== undefined ? 0 : settings.maxInFlight - running.size
      if (batch.length > 0 || max > 0) {
        const { group, ackWaitMs: leaseMs } = settings
        const claim = { group, worker, settlements: batch, max, now: now(), leaseMs }
        for (const head of store.settleAndClaim(claim)) void run(head)
      }
      if (closing === undefined) sleepUntil(store.nextReadyAt(settings.group))
    } catch (error) {
      settlements = [...batch, ...settlements]
      options.onError(error)
      sleepUntil(undefined)
    }
    if (closing !== undefined && running.size === 0 && settlements.length === 0) finish()
  }

  function sleepUntil(readyAt: number | undefined): void {
    const delay = Math.min(options.pollIntervalMs, Math.max(0, (readyAt ?? Infinity) - now()))
    timer = setTimeout(wake, delay)
  }

  async function run(head: ClaimedHead): Promise<void> {
    const controller = new AbortController()
    running.set(head, controller)
    const settlement = await settle(head, controller.signal)
    if (!controller.signal.aborted || closing !== undefined) settlements.push(settlement)
    running.delete(head)
    wake()
  }

  async function settle(head: ClaimedHead, signal: AbortSignal): Promise<Settlement> {
    const { envelope, attempt } = head
    if (attempt > settings.maxRetries + 1) {
      const error = abandoned(attempt - 1)
      const action = settings.deadLettering.enabled ? 'dead' : 'discard'
      return settlementOf(head, { action, error })
    }
    try {
      await handler({ envelope, group: settings.group, attempt, signal })
      return { head, action: 'ack' }
    } catch (thrown) {
      return settlementOf(head, decideDelivery(thrown, attempt, settings))
    }
  }

  function settlementOf(head: ClaimedHead, decision: DeliveryDecision): Settlement {
    if (decision.action === 'discard') return { head, action: 'discard' }
    if (decision.action === 'retry') {
      return { head, action: 'retry', readyAt: now() + decision.delayMs }
    }
    const letter: Omit<DeadLetter, 'id'> = {
      queue: settings.deadLettering.queueName,
      group: settings.group,
      envelope: head.envelope,
      error: decision.error.toJSON(),
      attempts: Math.min(head.attempt, settings.maxRetries + 1),
      deadAt: new Date(now()).toISOString(),
    }
    return { head, action: 'dead', letter }
  }

  const renewal = setInterval(() => {
    if (running.size === 0) return
    const heads = [...running.keys()]
    const { group, ackWaitMs } = settings
    try {
      const kept = new Set(store.extend({ group, worker, heads, until: now() + ackWaitMs }))
      for (const head of heads) if (!kept.has(head)) running.get(head)?.abort()
    } catch (error) {
      options.onError(error)
    }
  }, settings.ackWaitMs / RENEWALS_PER_LEASE)

  function finish(): void {
    clearInterval(renewal)
    clearTimeout(timer)
    finished()
  }

  const close = () => {
    if (closing === undefined) {
      closing = new Promise((resolve) => {
        finished = resolve
      })
      for (const controller of running.values()) controller.abort()
      wake()
    }
    return closing
  }

  store.registerGroup(settings)
  wake()
  return { wake, close, [Symbol.asyncDispose]: close }
}
