import { randomUUID } from 'node:crypto'
import {
  abandoned,
  type ConsumeSettings,
  type DeliveryDecision,
  decideDelivery,
} from '../delivery-decision.ts'
import type { DeliveryHandler, Envelope, Subscription } from '../message-transport.ts'
import type { EngineHost } from './engine-host.ts'
import type { ClaimedHead, Settlement } from './lane.ts'

/** What runs a lane consumer. */
export interface LaneConsumerOptions {
  host: EngineHost
  settings: ConsumeSettings
  handler: DeliveryHandler
  now: () => number
  /** How often to look for what other processes stored. */
  pollIntervalMs: number
  /** Called when the database itself fails; the consumer goes on at the next poll. */
  onError: (error: unknown) => void
}

/** A running lane consumer; `wake` is called when something was published in this process. */
export interface LaneConsumer extends Subscription {
  wake: () => void
}

/** Leases are renewed three times within their length, so that one late timer loses nothing. */
const RENEWALS_PER_LEASE = 3

/** Claims heads, runs handlers on them, settles; one transaction per turn however many of each. */
export async function startLaneConsumer(options: LaneConsumerOptions): Promise<LaneConsumer> {
  const { host, settings, now } = options
  const { group, channels, from, ackWaitMs } = settings
  const worker = randomUUID()
  const running = new Map<ClaimedHead, AbortController>()
  let settlements: Settlement[] = []
  let timer: NodeJS.Timeout | undefined
  let isTurning = false
  let isWanted = false
  let isClosing = false
  let finish = () => {}
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })

  const wake = () => {
    isWanted = true
    if (!isTurning) void turnWhileWanted()
  }

  async function turnWhileWanted(): Promise<void> {
    isTurning = true
    clearTimeout(timer)
    let nextReadyAt: number | undefined
    while (isWanted) {
      isWanted = false
      nextReadyAt = await turn()
    }
    isTurning = false
    if (isClosing && running.size === 0 && settlements.length === 0) finish()
    else {
      const untilReady = Math.max(0, (nextReadyAt ?? Infinity) - now())
      timer = setTimeout(wake, Math.min(options.pollIntervalMs, untilReady))
    }
  }

  async function turn(): Promise<number | undefined> {
    const batch = settlements
    settlements = []
    const max = isClosing ? 0 : settings.maxInFlight - running.size
    if (batch.length === 0 && max <= 0) return undefined
    try {
      const given = { group, worker, settlements: batch, max, now: now(), leaseMs: ackWaitMs }
      const { heads, nextReadyAt } = await host.call('turn', given)
      for (const head of heads) void run(head)
      return nextReadyAt
    } catch (error) {
      // Who is closing does not wait for a database that is gone: the leases end by themselves.
      settlements = isClosing ? [] : [...batch, ...settlements]
      options.onError(error)
      return undefined
    }
  }

  async function run(head: ClaimedHead): Promise<void> {
    const controller = new AbortController()
    running.set(head, controller)
    const settlement = await attempt(head, { ...options, signal: controller.signal })
    running.delete(head)
    settlements.push(settlement)
    wake()
  }

  async function renew(): Promise<void> {
    const heads = [...running.keys()]
    if (heads.length === 0) return
    const leases = heads.map(({ laneKey, position }) => ({ laneKey, position }))
    try {
      const until = now() + ackWaitMs
      const kept = new Set(await host.call('extend', { group, worker, heads: leases, until }))
      for (const head of heads) if (!kept.has(head.position)) running.get(head)?.abort()
    } catch (error) {
      options.onError(error)
    }
  }

  await host.call('registerGroup', { group, channels, from })
  const renewal = setInterval(() => void renew(), ackWaitMs / RENEWALS_PER_LEASE)
  wake()
  const close = async () => {
    isClosing = true
    for (const controller of running.values()) controller.abort()
    wake()
    await finished
    clearInterval(renewal)
    clearTimeout(timer)
  }
  return { wake, close, [Symbol.asyncDispose]: close }
}

/** One attempt, and how it ends in the file. */
async function attempt(
  head: ClaimedHead,
  options: Pick<LaneConsumerOptions, 'settings' | 'handler' | 'now'> & { signal: AbortSignal },
): Promise<Settlement> {
  const { settings, handler, signal } = options
  const { laneKey, position } = head
  if (head.attempt > settings.maxRetries + 1) {
    const error = abandoned(head.attempt - 1)
    const action = settings.deadLettering.enabled ? 'dead' : 'discard'
    return settlementOf(head, { action, error }, options)
  }
  try {
    const envelope = JSON.parse(head.body) as Envelope
    await handler({ envelope, group: settings.group, attempt: head.attempt, signal })
    return { laneKey, position, action: 'ack' }
  } catch (thrown) {
    return settlementOf(head, decideDelivery(thrown, head.attempt, settings), options)
  }
}

function settlementOf(
  { laneKey, position, attempt: attempts }: ClaimedHead,
  decision: DeliveryDecision,
  { settings, now }: Pick<LaneConsumerOptions, 'settings' | 'now'>,
): Settlement {
  const place = { laneKey, position }
  if (decision.action === 'discard') return { ...place, action: 'discard' }
  if (decision.action === 'retry' || decision.action === 'wait') {
    return { ...place, action: decision.action, readyAt: now() + decision.delayMs }
  }
  const letter = {
    queue: settings.deadLettering.queueName,
    error: JSON.stringify(decision.error),
    attempts: Math.min(attempts, settings.maxRetries + 1),
    deadAt: new Date(now()).toISOString(),
  }
  return { ...place, action: 'dead', letter }
}
