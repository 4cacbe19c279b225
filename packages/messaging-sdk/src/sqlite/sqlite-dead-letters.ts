import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import type { SerializedError } from '@mortise/errors'
import type { DeadLetter, DeadLetters, Envelope } from '../message-transport.ts'
import { inTransaction } from './sqlite-transaction.ts'

const DEFAULT_LIMIT = 100

/** Dead letters as rows beside the log. */
export function createSqliteDeadLetters(
  database: DatabaseSync,
  onRedriven: () => void,
): DeadLetters {
  const columns = `select dead_letters.*, messages.body from dead_letters join messages using (seq)`
  const list = database.prepare(
    `${columns} where (?1 is null or queue = ?1) and (?2 is null or group_name = ?2)
     and dead_letters.id > ?3 order by dead_letters.id limit ?4`,
  )
  const get = database.prepare(`${columns} where dead_letters.id = ?`)
  const remove = database.prepare('delete from dead_letters where id = ?')
  const deliver = database.prepare(
    `insert into deliveries (group_name, lane_key, seq)
     select group_name, lane_key, seq from dead_letters where id = ?`,
  )
  const openLane = database.prepare(
    `insert or ignore into lanes (group_name, lane_key, head)
     select group_name, lane_key, ? from dead_letters where id = ?`,
  )
  return {
    list: async (options = {}) =>
      list
        .all(
          options.queue ?? null,
          options.group ?? null,
          toRowId(options.after ?? '0') ?? 0,
          options.limit ?? DEFAULT_LIMIT,
        )
        .map(toDeadLetter),
    get: async (id) => {
      const rowId = toRowId(id)
      const row = rowId === undefined ? undefined : get.get(rowId)
      return row && toDeadLetter(row)
    },
    redrive: async (id) => {
      const rowId = toRowId(id)
      if (rowId === undefined) return false
      const found = inTransaction(database, () => {
        const { changes, lastInsertRowid } = deliver.run(rowId)
        if (changes === 0) return false
        openLane.run(lastInsertRowid, rowId)
        remove.run(rowId)
        return true
      })
      if (found) onRedriven()
      return found
    },
    discard: async (id) => {
      const rowId = toRowId(id)
      return rowId !== undefined && remove.run(rowId).changes > 0
    },
  }
}

function toRowId(id: string): number | undefined {
  return /^\d{1,15}$/.test(id) ? Number(id) : undefined
}

function toDeadLetter(row: Record<string, SQLOutputValue>): DeadLetter {
  return {
    id: String(row.id),
    queue: String(row.queue),
    group: String(row.group_name),
    envelope: JSON.parse(String(row.body)) as Envelope,
    error: JSON.parse(String(row.error)) as SerializedError,
    attempts: Number(row.attempts),
    deadAt: String(row.dead_at),
  }
}
