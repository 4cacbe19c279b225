import type { TokenSet } from './token-set.ts'

/** What is stored for one account: plain JSON. Encrypt it at rest. */
export interface TokenRecord {
  /** Absent before the first token of a grant without a user. */
  tokens?: TokenSet
  /** Who is getting new tokens now, and until when nobody else may. */
  claim?: TokenClaim
}

/** One process's exclusive right to refresh, for a while. */
export interface TokenClaim {
  id: string
  /** ISO 8601. */
  until: string
}

/** A record as it was at one moment. */
export interface StoredTokens {
  record: TokenRecord
  /** Changes with every write. */
  version: string
}

/**
 * Where tokens live. One row per account with a version column is enough.
 * All the safety of refreshing rests on `compareAndSet` being atomic.
 */
export interface TokenStore {
  /** The current record; `undefined` when there is none. Reads what the last write wrote. */
  load: (key: string) => Promise<StoredTokens | undefined>
  /**
   * Writes only if the version is still `expectedVersion` (`undefined`: only if there is no record), and
   * answers the new version; `undefined` when somebody else was first.
   */
  compareAndSet: (
    key: string,
    expectedVersion: string | undefined,
    record: TokenRecord,
  ) => Promise<string | undefined>
}

/** A store for tests and single processes: everything is gone with the process. */
export function createMemoryTokenStore(): TokenStore {
  const rows = new Map<string, { version: number; json: string }>()
  return {
    load: (key) => {
      const row = rows.get(key)
      return Promise.resolve(
        row && { record: JSON.parse(row.json) as TokenRecord, version: String(row.version) },
      )
    },
    compareAndSet: (key, expectedVersion, record) => {
      const row = rows.get(key)
      if ((row === undefined ? undefined : String(row.version)) !== expectedVersion)
        return Promise.resolve(undefined)
      const version = (row?.version ?? 0) + 1
      rows.set(key, { version, json: JSON.stringify(record) })
      return Promise.resolve(String(version))
    },
  }
}
