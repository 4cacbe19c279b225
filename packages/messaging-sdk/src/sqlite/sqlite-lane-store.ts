import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { ClaimedHead, LaneStore, Settlement } from '../lane-store.ts'
import type { Envelope } from '../message-transport.ts'
import { inTransaction } from './sqlite-transaction.ts'

/** The consumer's side of the tables. */
export function createSqliteLaneStore(database: DatabaseSync): LaneStore {
  const sql = prepareStatements(database)

  function settle(group: string, worker: string, settlement: Settlement): void {
    const { head } = settlement
    if (!sql.owned.get(group, head.laneKey, head.position, worker)) return // the lease was lost
    if (settlement.action === 'retry') {
      sql.postpone.run(settlement.readyAt, group, head.laneKey)
      return
    }
    if (settlement.action === 'dead') {
      const { queue, error, attempts, deadAt } = settlement.letter
      sql.bury.run(queue, JSON.stringify(error), attempts, deadAt, head.position)
    }
    sql.remove.run(head.position)
    const next = sql.next.get(group, head.laneKey)
    if (next) sql.advance.run(Number(next.position), group, head.laneKey)
    else sql.dropLane.run(group, head.laneKey)
  }

  return {
    settleAndClaim: ({ group, worker, settlements, max, now, leaseMs }) =>
      inTransaction(database, () => {
        for (const settlement of settlements) settle(group, worker, settlement)
        if (max <= 0) return []
        const heads = sql.ready.all(group, now, max).map(toHead)
        for (const { laneKey } of heads) sql.lease.run(now + leaseMs, worker, group, laneKey)
        return heads
      }),
    extend: ({ group, worker, heads, until }) =>
      inTransaction(database, () =>
        heads.filter(
          (head) => sql.extend.run(until, group, head.laneKey, head.position, worker).changes > 0,
        ),
      ),
    nextReadyAt: (group) => {
      const row = sql.nextReady.get(group)
      return row?.ready_at === null || row === undefined ? undefined : Number(row.ready_at)
    },
    registerGroup: ({ group, channels }) => {
      inTransaction(database, () => {
        const list = channels ? JSON.stringify(channels) : null
        const isNew = sql.addGroup.run(group, list).changes > 0
        if (!isNew) {
          sql.setChannels.run(list, group)
          return
        }
        sql.backlog.run(group, list, list)
        sql.backlogLanes.run(group)
      })
    },
  }
}

function toHead(row: Record<string, unknown>): ClaimedHead {
  return {
    laneKey: String(row.lane_key),
    position: Number(row.head),
    attempt: Number(row.attempts) + 1,
    envelope: JSON.parse(String(row.body)) as Envelope,
  }
}

function prepareStatements(database: DatabaseSync) {
  const statement = (text: string): StatementSync => database.prepare(text)
  return {
    owned: statement(
      'select 1 from lanes where group_name = ? and lane_key = ? and head = ? and worker = ?',
    ),
    postpone: statement(
      'update lanes set ready_at = ?, worker = null where group_name = ? and lane_key = ?',
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
    extend: statement(
      `update lanes set ready_at = ?
       where group_name = ? and lane_key = ? and head = ? and worker = ?`,
    ),
    nextReady: statement('select min(ready_at) as ready_at from lanes where group_name = ?'),
    addGroup: statement('insert or ignore into consumer_groups (name, channels) values (?, ?)'),
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
