import type { DatabaseSync } from 'node:sqlite'
import type { GroupLag } from '../message-transport.ts'

/** How far behind each group is, in one query; a removed group is there while its dead letters are. */
export function createSqliteLag(database: DatabaseSync) {
  const query = database.prepare(
    `select name,
       (select count(*) from deliveries where group_name = name) as pending,
       (select count(*) from lanes where group_name = name and worker is not null and ready_at > ?) as in_flight,
       (select stored_at from deliveries join messages using (seq) where group_name = name
        order by deliveries.position limit 1) as oldest,
       (select count(*) from dead_letters where group_name = name) as dead
     from (select name from consumer_groups union select group_name from dead_letters) order by name`,
  )
  return {
    lag: (now: number): GroupLag[] =>
      query.all(now).map((row) => ({
        group: String(row.name),
        pending: Number(row.pending),
        inFlight: Number(row.in_flight),
        ...(row.oldest !== null && { oldestUnackedMs: Math.max(0, now - Number(row.oldest)) }),
        deadLetters: Number(row.dead),
      })),
  }
}
