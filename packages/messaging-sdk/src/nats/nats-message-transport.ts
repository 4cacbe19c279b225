import {
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
} from '@nats-io/jetstream'
import { Kvm } from '@nats-io/kv'
import type { NatsConnection } from '@nats-io/transport-node'
import { consumeSettings } from '../delivery-decision.ts'
import type { MessageTransport } from '../message-transport.ts'
import { quietly } from '../quietly.ts'
import { createSubscriptions } from '../subscriptions.ts'
import { timerMs, wholeNumber } from '../whole-number.ts'
import { createNatsClaims } from './nats-claims.ts'
import { connectToNats, type NatsServers } from './nats-connection.ts'
import { startNatsConsumer } from './nats-consumer.ts'
import { buryInNats, createNatsDeadLetters } from './nats-dead-letters.ts'
import { natsError, withNatsErrors } from './nats-errors.ts'
import { natsLag } from './nats-lag.ts'
import { publishToNats } from './nats-publisher.ts'
import { prepareStreams, removeConsumers } from './nats-streams.ts'
import { natsNames } from './nats-subjects.ts'
import { createStreamWriter } from './stream-writer.ts'

/** Which server, and how events are kept there. */
export interface NatsMessageTransportOptions {
  /**
   * Addresses (`nats://host:4222`, `tls://user:password@host`) or the client's own options. Reconnecting never
   * gives up unless these say so.
   */
  servers?: NatsServers
  /** A connection of yours instead; closing it stays yours. */
  connection?: NatsConnection
  /** Names of streams and subjects begin with it. Default `messaging`. */
  prefix?: string
  /**
   * How many conversations can be handled at once by one group, over all machines; a retry holds up its
   * partition. Fixed when the stream is created. Default 16.
   */
  partitions?: number
  /** For how long events and their ids are kept, handled or not. Default 8 days: WhatsApp redelivers for 7. */
  retentionMs?: number
  /** Copies in a cluster. Default 1. */
  replicas?: number
  /** How long a publish waits for the server. Default 2 s, because platforms wait little longer. */
  publishTimeoutMs?: number
  /** Milliseconds since 1970. Default `Date.now`. */
  now?: () => number
  /** 0 to 1. Default `Math.random`. */
  random?: () => number
  /** Told when the server fails behind the scenes. Default: nobody. */
  onError?: (error: unknown) => void
}

/** Of the names of streams and subjects. */
export const DEFAULT_PREFIX = 'messaging'
const DAY_MS = 24 * 60 * 60 * 1000
const DEFAULT_RETENTION_MS = 8 * DAY_MS
const DEFAULT_PARTITIONS = 16
const DEFAULT_PUBLISH_TIMEOUT_MS = 2_000
const MAX_CLAIM_MS = 8 * DAY_MS
/** What the server takes: nanoseconds in 63 bits, and so many copies. */
const MAX_RETENTION_MS = Math.floor(2 ** 63 / 1_000_000) - 1
const MAX_REPLICAS = 5
/** From this many copies on, one machine may be lost. */
const QUORUM_REPLICAS = 3

/**
 * Events in JetStream: many receivers and workers on many machines. Runs on nats-server 2.9 and later.
 *
 * @throws {TypeError} when an option is wrong.
 * @throws {PermanentError} MESSAGING_STREAM_MISMATCH when the streams there are not what this needs.
 * @throws {TransientError} MESSAGING_TRANSPORT_UNAVAILABLE when no server answers.
 */
export async function createNatsMessageTransport(
  options: NatsMessageTransportOptions,
): Promise<MessageTransport> {
  const names = natsNames(
    options.prefix ?? DEFAULT_PREFIX,
    options.partitions ?? DEFAULT_PARTITIONS,
  )
  const { retentionMs = DEFAULT_RETENTION_MS, replicas = 1, now = Date.now } = options
  const { publishTimeoutMs: timeoutMs = DEFAULT_PUBLISH_TIMEOUT_MS } = options
  wholeNumber('retentionMs', retentionMs, { least: 100, most: MAX_RETENTION_MS })
  wholeNumber('replicas', replicas, { least: 1, most: MAX_REPLICAS })
  timerMs('publishTimeoutMs', timeoutMs)
  const connection = options.connection ?? (await connectToNats(options.servers))
  const release = async () => {
    if (!options.connection) await connection.close()
  }
  let client: JetStreamClient
  let manager: JetStreamManager
  try {
    client = jetstream(connection)
    manager = await jetstreamManager(connection)
    await prepareStreams(manager, names, { retentionMs, replicas })
  } catch (error) {
    await release()
    throw natsError(error)
  }
  const prepare = () => prepareStreams(manager, names, { retentionMs, replicas })
  const subscriptions = createSubscriptions()
  const openBucket = () => new Kvm(connection).create(names.claims, { ttl: MAX_CLAIM_MS, replicas })
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= (async () => {
      await subscriptions.close()
      await release()
    })()
    return closing
  }
  const write = createStreamWriter(client, prepare)
  const store = { write, manager, names }

  return {
    capabilities: {
      durable: replicas >= QUORUM_REPLICAS ? 'machine' : 'process',
      distributed: true,
      dedupeWindowMs: retentionMs,
    },
    publish: (envelopes) => {
      if (closing === undefined) return publishToNats(envelopes, { write, names, timeoutMs })
      const error = natsError(new Error('the transport is closed'))
      return Promise.resolve(envelopes.map(() => ({ status: 'failed', error })))
    },
    consume: async (consumeOptions, handler) => {
      const settings = consumeSettings(consumeOptions, handler, options.random)
      return subscriptions.open(settings, () =>
        startNatsConsumer({
          client,
          manager,
          names,
          settings,
          handler,
          prepare,
          bury: (letter) => buryInNats({ ...store, settings, now }, letter),
          onError: quietly(options.onError),
        }).catch((error: unknown) => {
          throw natsError(error)
        }),
      )
    },
    deadLetters: createNatsDeadLetters(store),
    claims: createNatsClaims(openBucket, now),
    ...withNatsErrors({
      lag: () => natsLag(manager, names, now),
      removeGroup: (group: string) => removeConsumers(manager, names, group),
      ping: async () => {
        if (closing !== undefined) throw new Error('the transport is closed')
        await manager.streams.info(names.events)
      },
    }),
    close,
    [Symbol.asyncDispose]: close,
  }
}
