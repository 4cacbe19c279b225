import { PermanentError } from '@mortise/errors'
import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream'
import type { ConsumeSettings } from '../delivery-decision.ts'
import { isStreamMissing } from './nats-errors.ts'
import { consumerName, groupOf, type NatsNames, partitionFilter } from './nats-subjects.ts'

/** How the streams are kept. */
export interface NatsStreamSettings {
  retentionMs: number
  replicas: number
}

const NANOS_PER_MS = 1_000_000
/** The server's own de-duplication is not what we rely on; short keeps its table small. */
const DUPLICATE_WINDOW_MS = 120_000

/**
 * Creates the streams, or checks those that are there. A server silently drops options it does not know, so
 * what it stored is compared with what was asked.
 *
 * Resolves with the time at which the stream of events was made: another one means that it was lost meanwhile.
 *
 * @throws {PermanentError} MESSAGING_STREAM_MISMATCH when a stream is not what this transport needs.
 */
export async function prepareStreams(
  manager: JetStreamManager,
  names: NatsNames,
  settings: NatsStreamSettings,
): Promise<string> {
  const created = await prepareStream(manager, {
    name: names.events,
    description: descriptionOf(names.partitions),
    subjects: [`${names.prefix}.events.>`],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    max_age: settings.retentionMs * NANOS_PER_MS,
    duplicate_window: Math.min(DUPLICATE_WINDOW_MS, settings.retentionMs) * NANOS_PER_MS,
    max_msgs_per_subject: 1,
    discard: DiscardPolicy.New,
    discard_new_per_subject: true,
    allow_direct: true,
    num_replicas: settings.replicas,
  })
  await prepareStream(manager, {
    name: names.dead,
    description: 'mortise messaging dead letters',
    subjects: [`${names.prefix}.dead.>`],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    allow_direct: true,
    num_replicas: settings.replicas,
  })
  return created
}

/** The stream itself knows nothing of partitions: they are written down here. */
const descriptionOf = (partitions: number) => `mortise messaging events, ${partitions} partitions`

/** What a stream of events was created with. */
export function settingsOf(stored: StreamConfig): NatsStreamSettings & { partitions: number } {
  return {
    partitions: Number(/(\d+) partitions$/.exec(stored.description ?? '')?.[1] ?? 1),
    retentionMs: stored.max_age / NANOS_PER_MS,
    replicas: stored.num_replicas,
  }
}

async function prepareStream(
  manager: JetStreamManager,
  wanted: Partial<StreamConfig> & { name: string },
): Promise<string> {
  const { config: stored, created } = await storedStream(manager, wanted)
  const differences = Object.entries(wanted).flatMap(([key, value]) => {
    const actual = stored[key as keyof StreamConfig]
    return JSON.stringify(actual) === JSON.stringify(value) ? [] : [{ key, wanted: value, actual }]
  })
  if (differences.length === 0) return created
  const list = differences.map(({ key }) => key).join(', ')
  throw new PermanentError(
    `Stream ${wanted.name} differs from what this transport needs in ${list}: give the transport the options it was created with, another prefix, or a newer server`,
    { code: 'MESSAGING_STREAM_MISMATCH', details: { stream: wanted.name, differences } },
  )
}

async function storedStream(
  manager: JetStreamManager,
  wanted: Partial<StreamConfig> & { name: string },
): Promise<StreamInfo> {
  try {
    return await manager.streams.info(wanted.name)
  } catch (error) {
    if (!isStreamMissing(error)) throw error
    return manager.streams.add(wanted)
  }
}

/**
 * The consumer of one partition, with one message out at a time. Attempts are unlimited on the server:
 * who gives up is our side, after the dead letter is stored, so that a message whose workers all died is
 * buried by the next one instead of being forgotten.
 */
export async function prepareConsumer(
  manager: JetStreamManager,
  names: NatsNames,
  options: Pick<ConsumeSettings, 'group' | 'ackWaitMs' | 'from'> & { partition: number },
): Promise<void> {
  const { group, partition, from, ackWaitMs } = options
  const durable = consumerName(group, partition)
  const known = await manager.consumers.info(names.events, durable).catch(() => undefined)
  const wanted = from === 'now' ? DeliverPolicy.New : DeliverPolicy.All
  await manager.consumers.add(names.events, {
    durable_name: durable,
    filter_subject: partitionFilter(names, partition),
    deliver_policy: known?.config.deliver_policy ?? wanted, // fixed once it is made
    ack_policy: AckPolicy.Explicit,
    ack_wait: ackWaitMs * NANOS_PER_MS,
    max_ack_pending: 1,
    max_deliver: -1,
  })
}

/** Deletes a group's consumers. `false` when it has none. */
export async function removeConsumers(
  manager: JetStreamManager,
  names: NatsNames,
  group: string,
): Promise<boolean> {
  const found: string[] = [] // the whole list first: deleting moves the pages that are still to come
  for await (const { name } of manager.consumers.list(names.events)) {
    if (groupOf(name) === group) found.push(name)
  }
  const deleted = await Promise.all(
    found.map((name) => manager.consumers.delete(names.events, name)),
  )
  return deleted.some(Boolean)
}
