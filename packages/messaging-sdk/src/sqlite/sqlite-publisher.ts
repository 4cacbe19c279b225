import { PermanentError, TransientError } from '@mortise/errors'
import { envelopeProblem } from '../envelope-problem.ts'
import type { Envelope, PublishOutcome } from '../message-transport.ts'
import type { EngineHost } from './engine-host.ts'
import type { LogRow } from './sqlite-log.ts'

interface Job {
  rows: LogRow[]
  resolve: (outcomes: PublishOutcome[]) => void
}

const STORED: PublishOutcome = { status: 'stored' }
const DUPLICATE: PublishOutcome = { status: 'duplicate' }

/** The writing side: what arrives while one batch is flushed to disk is the next batch. */
export function createSqlitePublisher(options: {
  host: EngineHost
  now: () => number
  onStored: () => void
}) {
  const { host, now, onStored } = options
  let jobs: Job[] = []
  let flushing: Promise<void> | undefined
  let closed = false

  function publish(envelopes: readonly Envelope[]): Promise<PublishOutcome[]> {
    if (closed) return Promise.resolve(failAll(envelopes.length, 'The transport is closed'))
    let rows: LogRow[]
    const problem = envelopes.map(envelopeProblem).find((found) => found !== undefined)
    try {
      if (problem) throw new TypeError(problem)
      rows = envelopes.map(toRow)
    } catch (cause) {
      const error = new PermanentError(problem ?? 'An envelope is not plain JSON', {
        code: 'MESSAGING_ENVELOPE_INVALID',
        cause,
      })
      return Promise.resolve(envelopes.map(() => ({ status: 'failed', error })))
    }
    return new Promise((resolve) => {
      jobs.push({ rows, resolve })
      flushing ??= flushAll()
    })
  }

  async function flushAll(): Promise<void> {
    await new Promise(setImmediate) // the calls of this turn of the event loop go together
    while (jobs.length > 0) {
      const batch = jobs
      jobs = []
      await flush(batch)
    }
    flushing = undefined
  }

  async function flush(batch: readonly Job[]): Promise<void> {
    try {
      const stored = await host.call(
        'store',
        batch.flatMap(({ rows }) => rows),
        now(),
      )
      let next = 0
      for (const { rows, resolve } of batch) {
        resolve(rows.map(() => (stored[next++] ? STORED : DUPLICATE)))
      }
      onStored()
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause)
      for (const { rows, resolve } of batch) resolve(failAll(rows.length, message, cause))
    }
  }

  return {
    publish,
    /** Refuses new work; resolves when the accepted is written. */
    close: async (): Promise<void> => {
      closed = true
      await flushing
    },
  }
}

function toRow(envelope: Envelope): LogRow {
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
