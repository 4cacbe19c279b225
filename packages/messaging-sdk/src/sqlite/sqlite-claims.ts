import type { DatabaseSync } from 'node:sqlite'
import type { Claim } from '../message-transport.ts'
import { inTransaction } from './sqlite-transaction.ts'

/** Claims as rows; a null value is a claim whose work is not finished. */
export function createSqliteClaims(database: DatabaseSync) {
  const expire = database.prepare('delete from claims where key = ? and expires_at <= ?')
  const take = database.prepare(
    'insert or ignore into claims (key, value, expires_at) values (?, null, ?)',
  )
  const read = database.prepare('select value from claims where key = ?')
  const complete = database.prepare('update claims set value = ? where key = ?')
  const release = database.prepare('delete from claims where key = ? and value is null')
  return {
    claim: (key: string, now: number, ttlMs: number): Claim =>
      inTransaction(database, () => {
        expire.run(key, now)
        if (take.run(key, now + ttlMs).changes > 0) return { state: 'claimed' }
        const value = read.get(key)?.value
        return typeof value === 'string' ? { state: 'done', value } : { state: 'pending' }
      }),
    completeClaim: (key: string, value: string): void => void complete.run(value, key),
    releaseClaim: (key: string): void => void release.run(key),
  }
}
