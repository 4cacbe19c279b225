import { DatabaseSync } from 'node:sqlite'
import { createSqliteClaims } from './sqlite-claims.ts'
import { createSqliteDeadLetters } from './sqlite-dead-letters.ts'
import { createSqliteLag } from './sqlite-lag.ts'
import { createSqliteLanes } from './sqlite-lanes.ts'
import { createSqliteLog } from './sqlite-log.ts'
import { prepareSchema, refuseForeign } from './sqlite-schema.ts'

/** What is opened. */
export interface SqliteEngineOptions {
  path: string
  synchronous: 'full' | 'normal'
}

/** How long one process waits for another's transaction. */
const BUSY_TIMEOUT_MS = 2_000
/** The log is folded into the file every 32 MiB, because each folding is a pause. */
const CHECKPOINT_PAGES = 8_192

/**
 * Everything that is done to the file, as plain synchronous functions over plain values: it runs in a thread
 * of its own, where a disk flush holds nobody up, or in place for a database in memory. What is stored
 * is flushed; what consumers note (leases, acknowledgements) may be lost with the power and is then done again.
 */
export function openSqliteEngine(options: SqliteEngineOptions) {
  const stored = openDatabase(options)
  prepareSchema(stored, options.path)
  const noted =
    options.path === ':memory:' ? stored : openDatabase({ ...options, synchronous: 'normal' })
  return {
    ...createSqliteLog(stored),
    ...createSqliteDeadLetters(stored),
    ...createSqliteClaims(stored),
    ...createSqliteLag(noted),
    ...createSqliteLanes(noted),
    ping: (): void => void stored.prepare('select 1 from messages limit 1').get(),
    close: (): void => {
      if (noted !== stored) noted.close()
      stored.close()
    },
  }
}

/** The engine's functions. */
export type SqliteEngine = ReturnType<typeof openSqliteEngine>

/**
 * Checks that the file can be used, before a thread is started for it.
 * @throws {TypeError} when it was written by another version or application.
 */
export function checkSqliteFile(options: SqliteEngineOptions): void {
  const database = openDatabase(options)
  try {
    prepareSchema(database, options.path)
  } finally {
    database.close()
  }
}

function openDatabase(options: SqliteEngineOptions): DatabaseSync {
  const database = new DatabaseSync(options.path, { timeout: BUSY_TIMEOUT_MS })
  try {
    refuseForeign(database, options.path)
    database.exec('pragma journal_mode = wal')
    database.exec(`pragma wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
    database.exec(`pragma synchronous = ${options.synchronous}`)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}
