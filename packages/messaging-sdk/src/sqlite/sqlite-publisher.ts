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

const STORED: PublishOutcome = { status: 'stored' }
const DUPLICATE: PublishOutcome = { status: 'duplicate' }

/** A batch waits for the calls that are on their way, but no longer than this; a call alone waits one turn. */
const MAX_GATHER_MS = 3

/** Rows forgotten at a time, so that a purge never holds the file for long. */
const PURGE_BATCH = 5_000

/** The writing side: calls that arrive together share one transaction, and so one disk flush. */
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
      if (jobs.length === 0) gather(0, performance.now())
      jobs.push({ rows, resolve })
    })
  }

  /** Writes as soon as a turn of the event loop has brought no further call. */
  function gather(seen: number, since: number): void {
    setImmediate(() => {
      const isOver = jobs.length === seen || performance.now() - since > MAX_GATHER_MS
      if (isOver) flush()
      else gather(jobs.length, since)
    })
  }

  function flush(): void {
    const batch = jobs
    jobs = []
    if (batch.length === 0) return
    try {
      const outcomes = inTransaction(database, () => storeAll(batch))
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

  function storeAll(batch: readonly Job[]): PublishOutcome[][] {
    const storedAt = now()
    const groups = new Map<string, string[]>() // by channel; within a transaction they cannot change
    const groupsOf = (channel: string) => {
      let names = groups.get(channel)
      if (!names) {
        names = sql.groups.all(channel).map(({ name }) => String(name))
        groups.set(channel, names)
      }
      return names
    }
    const store = (row: Row): PublishOutcome => {
      const { id, channel, laneKey, body } = row
      const { changes, lastInsertRowid } = sql.insert.run(id, channel, laneKey, body, storedAt)
      if (changes === 0) return DUPLICATE
      for (const group of groupsOf(channel)) {
        const delivery = sql.deliver.run(group, laneKey, lastInsertRowid)
        sql.openLane.run(group, laneKey, delivery.lastInsertRowid)
      }
      return STORED
    }
    return batch.map(({ rows }) => rows.map(store))
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
      flush()
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
         order by seq limit ?)`,
    ),
    purgeClaims: database.prepare('delete from claims where expires_at < ?'),
  }
}
