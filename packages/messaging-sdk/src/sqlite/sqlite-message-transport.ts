import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { TransientError } from '@mortise/errors'
import { consumeSettings } from '../delivery-decision.ts'
import { type LaneConsumer, startLaneConsumer } from '../lane-consumer.ts'
import type { MessageTransport } from '../message-transport.ts'
import { createSqliteClaims } from './sqlite-claims.ts'
import { createSqliteDeadLetters } from './sqlite-dead-letters.ts'
import { createSqliteLag } from './sqlite-lag.ts'
import { createSqliteLaneStore } from './sqlite-lane-store.ts'
import { createSqlitePublisher } from './sqlite-publisher.ts'
import { prepareSchema } from './sqlite-schema.ts'

/** Where and how to keep events. */
export interface SqliteMessageTransportOptions {
  /** The database file; it is created. `:memory:` keeps nothing. Several processes of one machine may share it. */
  path: string
  /**
   * For how long ids, and envelopes that everybody has handled, are kept. Default 8 days: WhatsApp
   * redelivers for 7. What is not acknowledged is kept for ever.
   */
  retentionMs?: number
  /**
   * `full` (default): stored envelopes survive a power cut, at the price of one disk flush for each batch.
   * `normal`: they survive the death of the process, not always that of the machine.
   */
  synchronous?: 'full' | 'normal'
  /** How often to look for what other processes stored. Default 200 ms. */
  pollIntervalMs?: number
  /** Milliseconds since 1970. Default `Date.now`. */
  now?: () => number
  /** 0 to 1. Default `Math.random`. */
  random?: () => number
  /** Told when the database fails behind the scenes (full disk, lock). Default: nobody. */
  onError?: (error: unknown) => void
}

const DAY_MS = 24 * 60 * 60 * 1000
const DEFAULT_RETENTION_MS = 8 * DAY_MS
const DEFAULT_POLL_INTERVAL_MS = 200
/** How long one process waits for another's transaction. */
const BUSY_TIMEOUT_MS = 2_000
/** The log is folded into the file every 32 MiB, because each folding is a pause. */
const CHECKPOINT_PAGES = 8_192
const PURGE_INTERVAL_MS = 60_000

/**
 * Events in one SQLite file: durable on one machine, without a server.
 *
 * @throws {TypeError} when `path` is missing or the file was written by another version.
 */
export function createSqliteMessageTransport(
  options: SqliteMessageTransportOptions,
): MessageTransport {
  if (typeof options.path !== 'string' || options.path === '') {
    throw new TypeError('path must name the database file, for example "./messages.db"')
  }
  const now = options.now ?? Date.now
  const retentionMs = options.retentionMs ?? DEFAULT_RETENTION_MS
  const onError = options.onError ?? (() => {})
  const database = openDatabase(options)
  const lanes = createSqliteLaneStore(database)
  const consumers = new Set<LaneConsumer>()
  const wakeAll = () => {
    for (const consumer of consumers) consumer.wake()
  }
  const publisher = createSqlitePublisher({ database, now, onStored: wakeAll })
  const purge = setInterval(() => {
    try {
      publisher.purge(now() - retentionMs)
    } catch (error) {
      onError(error)
    }
  }, PURGE_INTERVAL_MS).unref()
  let closing: Promise<void> | undefined

  const closeAll = async () => {
    clearInterval(purge)
    await Promise.all([...consumers].map((consumer) => consumer.close()))
    await publisher.close()
    await sleep(0) // turns that are already scheduled find an open database
    database.close()
  }
  const close = () => {
    closing ??= closeAll()
    return closing
  }

  return {
    capabilities: {
      durable:
        options.path === ':memory:'
          ? 'none'
          : options.synchronous === 'normal'
            ? 'process'
            : 'machine',
      distributed: false,
      dedupeWindowMs: retentionMs,
    },
    publish: publisher.publish,
    consume: async (consumeOptions, handler) => {
      const settings = consumeSettings(consumeOptions, options.random)
      const pollIntervalMs = options.pollIntervalMs ?? DEFAULT_POLL_INTERVAL_MS
      const consumer = startLaneConsumer({
        store: lanes,
        settings,
        handler,
        now,
        pollIntervalMs,
        onError,
      })
      consumers.add(consumer)
      const end = () => consumer.close().finally(() => consumers.delete(consumer))
      return { close: end, [Symbol.asyncDispose]: end }
    },
    deadLetters: createSqliteDeadLetters(database, wakeAll),
    claims: createSqliteClaims(database, now),
    lag: createSqliteLag(database, now),
    ping: async () => {
      try {
        database.prepare('select 1').get()
      } catch (cause) {
        const code = 'MESSAGING_TRANSPORT_UNAVAILABLE'
        throw new TransientError('The message database does not answer', { code, cause })
      }
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function openDatabase(options: SqliteMessageTransportOptions): DatabaseSync {
  const database = new DatabaseSync(options.path, { timeout: BUSY_TIMEOUT_MS })
  try {
    database.exec('pragma journal_mode = wal')
    database.exec(`pragma wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
    database.exec(`pragma synchronous = ${options.synchronous === 'normal' ? 'normal' : 'full'}`)
    prepareSchema(database, options.path)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}
