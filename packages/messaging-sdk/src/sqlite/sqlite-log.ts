import type { DatabaseSync } from 'node:sqlite'
import { inTransaction } from './sqlite-transaction.ts'

/** An envelope ready to be written. */
export interface LogRow {
  id: string
  channel: string
  laneKey: string
  body: string
}

/** Rows forgotten at a time, so that a purge never holds the file for long. */
const PURGE_BATCH = 5_000

/** The writing side. */
export function createSqliteLog(database: DatabaseSync) {
  const sql = prepareStatements(database)

  /** Whether each row is new. One transaction, and so one disk flush, however many rows. */
  function store(rows: readonly LogRow[], storedAt: number): boolean[] {
    const groups = new Map<string, string[]>() // by channel; within a transaction they cannot change
    const groupsOf = (channel: string) => {
      let names = groups.get(channel)
      if (!names) {
        names = sql.groups.all(channel).map(({ name }) => String(name))
        groups.set(channel, names)
      }
      return names
    }
    return inTransaction(database, () =>
      rows.map(({ id, channel, laneKey, body }) => {
        const { changes, lastInsertRowid } = sql.insert.run(id, channel, laneKey, body, storedAt)
        if (changes === 0) return false
        for (const group of groupsOf(channel)) {
          const delivery = sql.deliver.run(group, laneKey, lastInsertRowid)
          sql.openLane.run(group, laneKey, delivery.lastInsertRowid)
        }
        return true
      }),
    )
  }

  return {
    store,
    /** Forgets what is older and handled by every group. Without any group nothing is handled. */
    purge: (storedBefore: number, now: number): void => {
      sql.purge.run(storedBefore, PURGE_BATCH)
      sql.purgeClaims.run(now)
    },
  }
}

function prepareStatements(database: DatabaseSync) {
  return {
    insert: database.prepare(
      'insert or ignore into messages (id, channel, lane_key, body, stored_at) values (?, ?, ?, ?, ?)',
    ),
    groups: database.prepare(
      `select name from consumer_groups
       where channels is null or ? in (select value from json_each(channels))`,
    ),
    deliver: database.prepare(
      'insert into deliveries (group_name, lane_key, seq) values (?, ?, ?)',
    ),
    openLane: database.prepare(
      'insert or ignore into lanes (group_name, lane_key, head) values (?, ?, ?)',
    ),
    purge: database.prepare(
      `delete from messages where seq in (
         select seq from messages where stored_at < ?
         and exists (select 1 from consumer_groups)
         and not exists (select 1 from deliveries where deliveries.seq = messages.seq)
         and not exists (select 1 from dead_letters where dead_letters.seq = messages.seq)
         order by seq limit ?)`,
    ),
    purgeClaims: database.prepare('delete from claims where expires_at < ?'),
  }
}
