import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import { inTransaction } from './sqlite-transaction.ts'

/** A dead letter as the file has it. */
export interface DeadLetterRow {
  id: number
  queue: string
  group: string
  /** JSON, as the next two. */
  envelope: string
  error: string
  attempts: number
  deadAt: string
}

/** Which dead letters, how many, after which. */
export interface DeadLetterQuery {
  queue: string | undefined
  group: string | undefined
  after: number
  limit: number
}

/** Dead letters as rows beside the log. */
export function createSqliteDeadLetters(database: DatabaseSync) {
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
    listDeadLetters: ({ queue, group, after, limit }: DeadLetterQuery): DeadLetterRow[] =>
      list.all(queue ?? null, group ?? null, after, limit).map(toRow),
    getDeadLetter: (id: number): DeadLetterRow | undefined => {
      const row = get.get(id)
      return row && toRow(row)
    },
    redriveDeadLetter: (id: number): boolean =>
      inTransaction(database, () => {
        const { changes, lastInsertRowid } = deliver.run(id)
        if (changes === 0) return false
        openLane.run(lastInsertRowid, id)
        remove.run(id)
        return true
      }),
    discardDeadLetter: (id: number): boolean => remove.run(id).changes > 0,
  }
}

function toRow(row: Record<string, SQLOutputValue>): DeadLetterRow {
  return {
    id: Number(row.id),
    queue: String(row.queue),
    group: String(row.group_name),
    envelope: String(row.body),
    error: String(row.error),
    attempts: Number(row.attempts),
    deadAt: String(row.dead_at),
  }
}
