import { TransientError } from '@mortise/errors'
import { consumeSettings } from '../delivery-decision.ts'
import type { MessageTransport } from '../message-transport.ts'
import { quietly } from '../quietly.ts'
import { createSubscriptions } from '../subscriptions.ts'
import { timerMs, wholeNumber } from '../whole-number.ts'
import { type EngineHost, hostInline, hostInThread } from './engine-host.ts'
import { type LaneConsumer, startLaneConsumer } from './lane-consumer.ts'
import { checkSqliteFile, openSqliteEngine } from './sqlite-engine.ts'
import { createClaims, createDeadLetters } from './sqlite-operations.ts'
import { createSqlitePublisher } from './sqlite-publisher.ts'

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

/** SQLite's name for a database without a file. */
const MEMORY = ':memory:'
const DAY_MS = 24 * 60 * 60 * 1000
const DEFAULT_RETENTION_MS = 8 * DAY_MS
const DEFAULT_POLL_INTERVAL_MS = 200
const PURGE_INTERVAL_MS = 60_000

/**
 * Events in one SQLite file: durable on one machine, without a server. A thread of its own does the writing, so
 * that a disk flush holds up nobody.
 *
 * @throws {TypeError} when an option is missing or wrong, or the file was written by another version or application.
 * @throws {TransientError} MESSAGING_TRANSPORT_UNAVAILABLE when the file cannot be opened, or is no database.
 */
export function createSqliteMessageTransport(
  options: SqliteMessageTransportOptions,
): MessageTransport {
  if (typeof options.path !== 'string' || options.path === '') {
    throw new TypeError('path must name the database file, for example "./messages.db"')
  }
  const { now = Date.now, synchronous = 'full', retentionMs = DEFAULT_RETENTION_MS } = options
  const { pollIntervalMs = DEFAULT_POLL_INTERVAL_MS } = options
  if (synchronous !== 'full' && synchronous !== 'normal') {
    throw new TypeError(
      `synchronous must be "full" or "normal", but is ${JSON.stringify(synchronous)}`,
    )
  }
  wholeNumber('retentionMs', retentionMs, { least: 1 })
  timerMs('pollIntervalMs', pollIntervalMs)
  const onError = quietly(options.onError)
  const host = withKnownErrors(openHost(options), options.path)
  const consumers = createSubscriptions<LaneConsumer>()
  const wakeAll = () => {
    for (const consumer of consumers.all()) consumer.wake()
  }
  const publisher = createSqlitePublisher({ host, now, onStored: wakeAll })
  const purge = setInterval(() => {
    host.call('purge', now() - retentionMs, now()).catch(onError)
  }, PURGE_INTERVAL_MS).unref()
  let closing: Promise<void> | undefined

  const closeAll = async () => {
    clearInterval(purge)
    await consumers.close()
    await publisher.close()
    await host.close()
  }
  const close = () => {
    closing ??= closeAll()
    return closing
  }

  return {
    capabilities: {
      durable: durabilityOf(options),
      distributed: false,
      dedupeWindowMs: retentionMs,
    },
    publish: publisher.publish,
    consume: async (consumeOptions, handler) => {
      const settings = consumeSettings(consumeOptions, handler, options.random)
      const given = { host, settings, handler, now, pollIntervalMs, onError }
      return consumers.open(settings, () => startLaneConsumer(given))
    },
    deadLetters: createDeadLetters(host, wakeAll),
    claims: createClaims(host, now),
    lag: () => host.call('lag', now()),
    removeGroup: (group) => host.call('removeGroup', group),
    ping: () => host.call('ping'),
    close,
    [Symbol.asyncDispose]: close,
  }
}

function durabilityOf(options: SqliteMessageTransportOptions): 'none' | 'process' | 'machine' {
  if (options.path === MEMORY) return 'none'
  return options.synchronous === 'normal' ? 'process' : 'machine'
}

function openHost(options: SqliteMessageTransportOptions): EngineHost {
  const engineOptions = { path: options.path, synchronous: options.synchronous ?? 'full' } as const
  if (options.path === MEMORY) return hostInline(openSqliteEngine(engineOptions))
  try {
    checkSqliteFile(engineOptions)
  } catch (error) {
    throw error instanceof TypeError ? error : unavailable(error, options.path)
  }
  return hostInThread(engineOptions)
}

/** The same host; what it rejects with is ours. */
function withKnownErrors(host: EngineHost, path: string): EngineHost {
  const call: EngineHost['call'] = (name, ...args) =>
    host.call(name, ...args).catch((error: unknown) => {
      throw unavailable(error, path)
    })
  return { ...host, call }
}

function unavailable(cause: unknown, path: string): TransientError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  const code = 'MESSAGING_TRANSPORT_UNAVAILABLE'
  return new TransientError(`The message database ${path} cannot be used: ${reason}`, {
    code,
    cause,
  })
}
