import type { ConsumerInfo, JetStreamManager } from '@nats-io/jetstream'
import type { GroupLag } from '../message-transport.ts'
import { deadFilter, groupOf, type NatsNames } from './nats-subjects.ts'

/** Adds up the partitions' consumers of each group. */
export async function natsLag(
  manager: JetStreamManager,
  names: NatsNames,
  now: () => number,
): Promise<GroupLag[]> {
  const groups = new Map<string, GroupLag>()
  for await (const info of manager.consumers.list(names.events)) {
    const group = groupOf(info.name)
    const lag = groups.get(group) ?? { group, pending: 0, inFlight: 0, deadLetters: 0 }
    lag.pending += info.num_pending + info.num_ack_pending
    lag.inFlight += info.num_ack_pending
    const age = await oldestAge(manager, names, { info, now: now() })
    if (age !== undefined) lag.oldestUnackedMs = Math.max(age, lag.oldestUnackedMs ?? 0)
    groups.set(group, lag)
  }
  for (const lag of groups.values()) {
    const subjects_filter = deadFilter(names, { group: lag.group })
    const { state } = await manager.streams.info(names.dead, { subjects_filter })
    lag.deadLetters = Object.values(state.subjects ?? {}).reduce((sum, count) => sum + count, 0)
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
