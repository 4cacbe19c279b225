import type { DatabaseSync } from 'node:sqlite'
import { PermanentError, TransientError } from '@mortise/errors'
import type { Envelope, PublishOutcome } from '../message-transport.ts'
import { inTransaction } from './sqlite-transaction.ts'

/** An envelope ready to be written. */
interface Row {
  id: string
  channel: string
  laneKey: string
  body: string
}

interface Job {
  rows: Row[]
  resolve: (outcomes: PublishOutcome[]) => void
}

/** Rows forgotten at a time, so that a purge never holds the file for long. */
const PURGE_BATCH = 5_000

/** The writing side: calls of one turn of the event loop share one transaction, and so one disk flush. */
export function createSqlitePublisher(options: {
  database: DatabaseSync
  now: () => number
  onStored: () => void
}) {
  const { database, now, onStored } = options
  const sql = prepareStatements(database)
  let jobs: Job[] = []
  let closed = false

  function publish(envelopes: readonly Envelope[]): Promise<PublishOutcome[]> {
    if (closed) return Promise.resolve(failAll(envelopes.length, 'The transport is closed'))
    let rows: Row[]
    try {
      rows = envelopes.map(toRow)
    } catch (cause) {
      const error = new PermanentError('An envelope is not plain JSON', {
        code: 'MESSAGING_ENVELOPE_INVALID',
        cause,
      })
      return Promise.resolve(envelopes.map(() => ({ status: 'failed', error })))
    }
    return new Promise((resolve) => {
      if (jobs.length === 0) setImmediate(flush)
      jobs.push({ rows, resolve })
    })
  }

  function flush(): void {
    const batch = jobs
    jobs = []
    try {
      const outcomes = inTransaction(database, () => batch.map(({ rows }) => rows.map(store)))
      batch.forEach(({ resolve }, index) => {
        resolve(outcomes[index] ?? [])
      })
      onStored()
    } catch (cause) {
      for (const { rows, resolve } of batch) {
        resolve(failAll(rows.length, 'The message database refused the write', cause))
      }
    }
  }

  function store(row: Row): PublishOutcome {
    const { changes, lastInsertRowid: seq } = sql.insert.run(
      row.id,
      row.channel,
      row.laneKey,
      row.body,
      now(),
    )
    if (changes === 0) return { status: 'duplicate' }
    for (const { name } of sql.groups.all(row.channel)) {
      const { lastInsertRowid } = sql.deliver.run(String(name), row.laneKey, seq)
      sql.openLane.run(String(name), row.laneKey, lastInsertRowid)
    }
    return { status: 'stored' }
  }

  return {
    publish,
    /** Forgets what is older and handled by every group. Without any group nothing is handled. */
    purge: (storedBefore: number): void => {
      sql.purge.run(storedBefore, PURGE_BATCH)
      sql.purgeClaims.run(now())
    },
    /** Refuses new work; resolves when the accepted is written. */
    close: async (): Promise<void> => {
      closed = true
      if (jobs.length > 0) flush()
    },
  }
}

function toRow(envelope: Envelope): Row {
  return {
    id: envelope.id,
    channel: envelope.channel,
    laneKey: envelope.orderKey,
    body: JSON.stringify(envelope),
  }
}

function failAll(count: number, message: string, cause?: unknown): PublishOutcome[] {
  const error = new TransientError(message, {
    code: 'MESSAGING_TRANSPORT_UNAVAILABLE',
    outcome: 'not_sent',
    cause,
  })
  return Array.from({ length: count }, () => ({ status: 'failed', error }))
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
         order by stored_at limit ?)`,
    ),
    purgeClaims: database.prepare('delete from claims where expires_at < ?'),
  }
}
