import type { ConsumerInfo, JetStreamManager } from '@nats-io/jetstream'
import type { GroupLag } from '../message-transport.ts'
import { deadFilter, groupOf, groupOfDead, type NatsNames } from './nats-subjects.ts'

/** Adds up the partitions' consumers of each group; a removed group is there while its dead letters are. */
export async function natsLag(
  manager: JetStreamManager,
  names: NatsNames,
  now: () => number,
): Promise<GroupLag[]> {
  const groups = new Map<string, GroupLag>()
  const lagOf = (group: string) => {
    const lag = groups.get(group) ?? { group, pending: 0, inFlight: 0, deadLetters: 0 }
    groups.set(group, lag)
    return lag
  }
  for await (const info of manager.consumers.list(names.events)) {
    const lag = lagOf(groupOf(info.name))
    lag.pending += info.num_pending + info.num_ack_pending
    lag.inFlight += info.num_ack_pending
    const age = await oldestAge(manager, names, { info, now: now() })
    if (age !== undefined) lag.oldestUnackedMs = Math.max(age, lag.oldestUnackedMs ?? 0)
  }
  const { state } = await manager.streams.info(names.dead, { subjects_filter: deadFilter(names) })
  for (const [subject, count] of Object.entries(state.subjects ?? {})) {
    lagOf(groupOfDead(subject)).deadLetters += count
  }
  return [...groups.values()].sort((one, other) => (one.group < other.group ? -1 : 1))
}

async function oldestAge(
  manager: JetStreamManager,
  names: NatsNames,
  options: { info: ConsumerInfo; now: number },
): Promise<number | undefined> {
  const { info, now } = options
  if (info.num_pending + info.num_ack_pending === 0) return undefined
  const seq = info.ack_floor.stream_seq + 1
  const next_by_subj = info.config.filter_subject ?? '>'
  const oldest = await manager.direct
    .getMessage(names.events, { seq, next_by_subj })
    .catch(() => null)
  return oldest ? Math.max(0, now - oldest.time.getTime()) : undefined
}
