import { setTimeout as sleep } from 'node:timers/promises'
import type { IntegrationError } from '@mortise/errors'
import type { ConsumerMessages, JetStreamClient, JetStreamManager, JsMsg } from '@nats-io/jetstream'
import { abandoned, type ConsumeSettings, decideDelivery } from '../delivery-decision.ts'
import type { DeliveryHandler, Envelope, Subscription } from '../message-transport.ts'
import { createSlots } from './nats-slots.ts'
import { prepareConsumer } from './nats-streams.ts'
import { consumerName, EVERYBODY, type NatsNames, targetIn, targetOf } from './nats-subjects.ts'

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
  /** Makes the streams that are missing; resolves with the time at which that of events was made. */
  prepare: () => Promise<string>
}

/** `working()` is sent three times within the server's patience. */
const SIGNS_PER_ACK_WAIT = 3
/** Before a consumer that broke off is asked again: from the one to the other, doubling. */
const RESTART_PAUSE_MS = { first: 500, most: 10_000 }
const PULL_EXPIRES_MS = 10_000

/** Pulls from every partition of a group and settles each message by the outcome of its handler. */
export async function startNatsConsumer(options: NatsConsumerOptions): Promise<Subscription> {
  const { manager, names, settings } = options
  const partitions = Array.from({ length: names.partitions }, (_, partition) => partition)
  const created = await options.prepare()
  const prepareOne = (partition: number) =>
    prepareConsumer(manager, names, { ...settings, partition })
  await Promise.all(partitions.map(prepareOne))
  const slots = createSlots(settings.maxInFlight)
  const closing = new AbortController()
  const open = new Set<ConsumerMessages>()

  async function pull(partition: number): Promise<void> {
    let stream = created
    let pauseMs = RESTART_PAUSE_MS.first
    while (!closing.signal.aborted) {
      try {
        await pullUntilBroken(consumerName(settings.group, partition))
        pauseMs = RESTART_PAUSE_MS.first
      } catch (error) {
        options.onError(error)
        pauseMs = Math.min(pauseMs * 2, RESTART_PAUSE_MS.most)
        stream = await revived(partition, stream).catch(() => stream) // away: asked again
      }
      await sleep(pauseMs, undefined, { signal: closing.signal }).catch(() => {})
    }
  }

  /** A stream that was lost took its consumers with it. A consumer alone is missing because somebody removed it. */
  async function revived(partition: number, stream: string): Promise<string> {
    const current = await options.prepare()
    if (current !== stream) {
      await prepareConsumer(manager, names, { ...settings, partition, from: 'beginning' })
    }
    return current
  }

  async function pullUntilBroken(durable: string): Promise<void> {
    const consumer = await options.client.consumers.get(names.events, durable)
    const messages = await consumer.consume({
      max_messages: 1,
      expires: PULL_EXPIRES_MS,
      abort_on_missing_resource: true,
    })
    open.add(messages)
    try {
      if (closing.signal.aborted) messages.stop()
      for await (const message of messages) await receive(message)
    } finally {
      open.delete(messages)
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

  const loops = partitions.map(pull)
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
