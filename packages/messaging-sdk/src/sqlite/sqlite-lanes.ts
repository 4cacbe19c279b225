import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { ConsumeSettings } from '../delivery-decision.ts'
import type { ClaimedHead, LaneTurn, Settlement } from './lane.ts'
import { inTransaction } from './sqlite-transaction.ts'

/** The consumer's side of the tables. */
export function createSqliteLanes(database: DatabaseSync) {
  const sql = prepareStatements(database)

  function settle(group: string, worker: string, settlement: Settlement): void {
    const { laneKey, position } = settlement
    if (!sql.owned.get(group, laneKey, position, worker)) return // the lease was lost
    if (settlement.action === 'retry' || settlement.action === 'wait') {
      const uncounted = settlement.action === 'wait' ? 1 : 0
      sql.postpone.run(settlement.readyAt, uncounted, group, laneKey)
      return
    }
    if (settlement.action === 'dead') {
      const { queue, error, attempts, deadAt } = settlement.letter
      sql.bury.run(queue, error, attempts, deadAt, position)
    }
    sql.remove.run(position)
    const next = sql.next.get(group, laneKey)
    if (next) sql.advance.run(Number(next.position), group, laneKey)
    else sql.dropLane.run(group, laneKey)
  }

  function settleAndClaim(turn: LaneTurn): ClaimedHead[] {
    const { group, worker, settlements, max, now, leaseMs } = turn
    for (const settlement of settlements) settle(group, worker, settlement)
    if (max <= 0) return []
    const heads = sql.ready.all(group, now, max).map(toHead)
    for (const { laneKey } of heads) sql.lease.run(now + leaseMs, worker, group, laneKey)
    return heads
  }

  return {
    /**
     * Applies settlements of this worker (those whose lease was lost change nothing), claims ready heads, and
     * says when the next lane becomes ready, if one is waiting.
     */
    turn: (turn: LaneTurn): { heads: ClaimedHead[]; nextReadyAt: number | undefined } => {
      const isIdle = turn.settlements.length === 0 && !sql.anyReady.get(turn.group, turn.now)
      const work = () => {
        const heads = isIdle ? [] : settleAndClaim(turn)
        const next = sql.nextReady.get(turn.group)?.ready_at
        return { heads, nextReadyAt: typeof next === 'number' ? next : undefined }
      }
      return isIdle ? work() : inTransaction(database, work) // looking alone locks nobody out
    },
    /** Prolongs leases; answers with the positions that are still this worker's. */
    extend: (options: {
      group: string
      worker: string
      heads: readonly Pick<ClaimedHead, 'laneKey' | 'position'>[]
      until: number
    }): number[] =>
      inTransaction(database, () => {
        const { group, worker, heads, until } = options
        return heads
          .filter(
            ({ laneKey, position }) =>
              sql.extend.run(until, group, laneKey, position, worker).changes > 0,
          )
          .map(({ position }) => position)
      }),
    /** Forgets a group, its lanes and what was waiting in them. */
    removeGroup: (group: string): boolean =>
      inTransaction(database, () => {
        if (sql.dropGroup.run(group).changes === 0) return false
        sql.dropLanes.run(group)
        sql.dropDeliveries.run(group)
        return true
      }),
    /** Registers a group; a new one starts with everything that is kept, or with nothing of it. */
    registerGroup: (settings: Pick<ConsumeSettings, 'group' | 'channels' | 'from'>): void =>
      inTransaction(database, () => {
        const { group, channels, from } = settings
        const list = channels ? JSON.stringify(channels) : null
        const isNew = sql.addGroup.run(group, list).changes > 0
        if (!isNew) {
          sql.setChannels.run(list, group)
          return
        }
        if (from === 'now') return
        sql.backlog.run(group, list, list)
        sql.backlogLanes.run(group)
      }),
  }
}

function toHead(row: Record<string, unknown>): ClaimedHead {
  return {
    laneKey: String(row.lane_key),
    position: Number(row.head),
    attempt: Number(row.attempts) + 1,
    body: String(row.body),
  }
}

function prepareStatements(database: DatabaseSync) {
  const statement = (text: string): StatementSync => database.prepare(text)
  return {
    owned: statement(
      'select 1 from lanes where group_name = ? and lane_key = ? and head = ? and worker = ?',
    ),
    postpone: statement(
      `update lanes set ready_at = ?, worker = null, attempts = attempts - ?
       where group_name = ? and lane_key = ?`,
    ),
    bury: statement(
      `insert into dead_letters (queue, group_name, seq, lane_key, error, attempts, dead_at)
       select ?, group_name, seq, lane_key, ?, ?, ? from deliveries where position = ?`,
    ),
    remove: statement('delete from deliveries where position = ?'),
    next: statement(
      'select position from deliveries where group_name = ? and lane_key = ? order by position limit 1',
    ),
    advance: statement(
      `update lanes set head = ?, attempts = 0, ready_at = 0, worker = null
       where group_name = ? and lane_key = ?`,
    ),
    dropLane: statement('delete from lanes where group_name = ? and lane_key = ?'),
    ready: statement(
      `select lanes.lane_key, lanes.head, lanes.attempts, messages.body from lanes
       join deliveries on deliveries.position = lanes.head join messages using (seq)
       where lanes.group_name = ? and lanes.ready_at <= ? order by lanes.head limit ?`,
    ),
    lease: statement(
      `update lanes set ready_at = ?, worker = ?, attempts = attempts + 1
       where group_name = ? and lane_key = ?`,
    ),
    anyReady: statement('select 1 from lanes where group_name = ? and ready_at <= ? limit 1'),
    extend: statement(
      `update lanes set ready_at = ?
       where group_name = ? and lane_key = ? and head = ? and worker = ?`,
    ),
    nextReady: statement('select min(ready_at) as ready_at from lanes where group_name = ?'),
    addGroup: statement('insert or ignore into consumer_groups (name, channels) values (?, ?)'),
    dropGroup: statement('delete from consumer_groups where name = ?'),
    dropLanes: statement('delete from lanes where group_name = ?'),
    dropDeliveries: statement('delete from deliveries where group_name = ?'),
    setChannels: statement('update consumer_groups set channels = ? where name = ?'),
    backlog: statement(
      `insert into deliveries (group_name, lane_key, seq) select ?, lane_key, seq from messages
       where ? is null or channel in (select value from json_each(?)) order by seq`,
    ),
    backlogLanes: statement(
      `insert into lanes (group_name, lane_key, head)
       select group_name, lane_key, min(position) from deliveries where group_name = ? group by lane_key`,
    ),
  }
}
