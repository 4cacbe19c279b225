import type { SerializedError } from '@mortise/errors'
import type { Claims, DeadLetter, DeadLetters, Envelope } from '../message-transport.ts'
import { wholeNumber } from '../whole-number.ts'
import type { EngineHost } from './engine-host.ts'
import type { DeadLetterRow } from './sqlite-dead-letters.ts'

const DEFAULT_LIMIT = 100

/** The port's dead letters over the engine's. */
export function createDeadLetters(host: EngineHost, onRedriven: () => void): DeadLetters {
  return {
    list: async (options = {}) => {
      const { queue, group, limit = DEFAULT_LIMIT, after = '0' } = options
      wholeNumber('limit', limit, { least: 1 })
      const query = { queue, group, limit, after: toRowId(after) ?? 0 }
      return (await host.call('listDeadLetters', query)).map(toDeadLetter)
    },
    get: async (id) => {
      const rowId = toRowId(id)
      const row = rowId === undefined ? undefined : await host.call('getDeadLetter', rowId)
      return row && toDeadLetter(row)
    },
    redrive: async (id) => {
      const rowId = toRowId(id)
      const isFound = rowId !== undefined && (await host.call('redriveDeadLetter', rowId))
      if (isFound) onRedriven()
      return isFound
    },
    discard: async (id) => {
      const rowId = toRowId(id)
      return rowId !== undefined && (await host.call('discardDeadLetter', rowId))
    },
  }
}

/** The port's claims over the engine's. */
export function createClaims(host: EngineHost, now: () => number): Claims {
  return {
    claim: (key, { ttlMs }) => host.call('claim', key, now(), ttlMs),
    complete: (key, value) => host.call('completeClaim', key, value),
    release: (key) => host.call('releaseClaim', key),
  }
}

function toRowId(id: string): number | undefined {
  return /^\d{1,15}$/.test(id) ? Number(id) : undefined
}

function toDeadLetter(row: DeadLetterRow): DeadLetter {
  return {
    ...row,
    id: String(row.id),
    envelope: JSON.parse(row.envelope) as Envelope,
    error: JSON.parse(row.error) as SerializedError,
  }
}
