import { setTimeout as sleep } from 'node:timers/promises'
import type { IntegrationError } from '@mortise/errors'
import type { ConsumerMessages, JetStreamClient, JetStreamManager, JsMsg } from '@nats-io/jetstream'
import { abandoned, type ConsumeSettings, decideDelivery } from '../delivery-decision.ts'
import type { DeliveryHandler, Envelope, Subscription } from '../message-transport.ts'
import { createSlots } from './nats-slots.ts'
import { prepareConsumers } from './nats-streams.ts'
import { EVERYBODY, type NatsNames, targetIn, targetOf } from './nats-subjects.ts'

/** A message that is given up. */
export interface BuriedMessage {
  envelope: Envelope
  error: IntegrationError
  attempts: number
  /** The message's place in the stream: what makes this end of it one of a kind. */
  sequence: number
}

/** What a consumer over all partitions needs. */
export interface NatsConsumerOptions {
  client: JetStreamClient
  manager: JetStreamManager
  names: NatsNames
  settings: ConsumeSettings
  handler: DeliveryHandler
  /** Stores a dead letter; resolves when the server has it. */
  bury: (letter: BuriedMessage) => Promise<void>
  onError: (error: unknown) => void
}

/** `working()` is sent three times within the server's patience. */
const SIGNS_PER_ACK_WAIT = 3
/** Before a consumer that broke off is asked again. */
const RESTART_PAUSE_MS = 500
const PULL_EXPIRES_MS = 10_000

/** Pulls from every partition of a group and settles each message by the outcome of its handler. */
export async function startNatsConsumer(options: NatsConsumerOptions): Promise<Subscription> {
  const { manager, names, settings } = options
  const durables = await prepareConsumers(manager, names, settings)
  const slots = createSlots(settings.maxInFlight)
  const closing = new AbortController()
  const open = new Set<ConsumerMessages>()

  async function pull(durable: string): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        const consumer = await options.client.consumers.get(names.events, durable)
        const messages = await consumer.consume({ max_messages: 1, expires: PULL_EXPIRES_MS })
        open.add(messages)
        if (closing.signal.aborted) messages.stop()
        for await (const message of messages) await receive(message)
        open.delete(messages)
      } catch (error) {
        options.onError(error)
      }
      await sleep(RESTART_PAUSE_MS, undefined, { signal: closing.signal }).catch(() => {})
    }
  }

  async function receive(message: JsMsg): Promise<void> {
    const sign = setInterval(() => message.working(), settings.ackWaitMs / SIGNS_PER_ACK_WAIT)
    try {
      let delayMs: number | undefined = 0
      while (delayMs !== undefined) {
        await sleep(delayMs, undefined, { signal: closing.signal }).catch(() => {})
        delayMs = await takeTurn(message)
      }
    } catch (error) {
      options.onError(error) // unsettled, the server hands it out again
    } finally {
      clearInterval(sign)
    }
  }

  /** Handles in a free slot. Answers with a pause when the same attempt has to wait: the server would count another. */
  async function takeTurn(message: JsMsg): Promise<number | undefined> {
    const release = await slots.take(closing.signal)
    if (!release) return void message.nak()
    try {
      return await settle(message)
    } finally {
      release()
    }
  }

  async function settle(message: JsMsg): Promise<number | undefined> {
    const envelope = readEnvelope(message)
    if (!envelope || !isWanted(message, envelope, settings)) {
      return void (await message.ackAck())
    }
    const attempt = message.info.deliveryCount
    if (attempt > settings.maxRetries + 1) {
      const attempts = attempt - 1
      return void (await giveUp(message, { envelope, error: abandoned(attempts), attempts }))
    }
    try {
      const { group } = settings
      await options.handler({ envelope, group, attempt, signal: closing.signal })
    } catch (thrown) {
      const decision = decideDelivery(thrown, attempt, settings)
      if (decision.action === 'wait') return decision.delayMs
      if (decision.action === 'retry') return void message.nak(decision.delayMs)
      return void (await giveUp(message, { envelope, error: decision.error, attempts: attempt }))
    }
    return void (await message.ackAck())
  }

  /** The dead letter is stored first; only then the message ends. `term` without a reason, which old servers ignore. */
  async function giveUp(message: JsMsg, letter: Omit<BuriedMessage, 'sequence'>): Promise<void> {
    if (settings.deadLettering.enabled) {
      await options.bury({ ...letter, sequence: message.seq })
    }
    message.term()
  }

  const loops = durables.map(pull)
  let closed: Promise<void> | undefined
  const close = () => {
    closed ??= (async () => {
      closing.abort()
      for (const messages of open) messages.stop()
      await Promise.all(loops)
    })()
    return closed
  }
  return { close, [Symbol.asyncDispose]: close }
}

function readEnvelope(message: JsMsg): Envelope | undefined {
  try {
    return message.json<Envelope>()
  } catch {
    return undefined // not ours: nobody could handle it
  }
}

function isWanted(message: JsMsg, envelope: Envelope, settings: ConsumeSettings): boolean {
  const target = targetIn(message.subject)
  const isForUs = target === EVERYBODY || target === targetOf(settings.group)
  return isForUs && (settings.channels?.includes(envelope.channel) ?? true)
}
