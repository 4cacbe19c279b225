import { TransientError } from '@mortise/errors'
import type { ConsumeSettings } from './delivery-decision.ts'
import type { Subscription } from './message-transport.ts'

/** The consumers of one transport. */
export interface Subscriptions<T extends Subscription> {
  /**
   * @throws {TypeError} when the group is consumed with another list of channels.
   * @throws {TransientError} MESSAGING_TRANSPORT_UNAVAILABLE when the transport is closed, also meanwhile.
   */
  open: (settings: ConsumeSettings, start: () => Promise<T>) => Promise<Subscription>
  all: () => T[]
  /** Ends what is open, and what is about to be. */
  close: () => Promise<void>
}

interface Entry<T> {
  settings: ConsumeSettings
  subscription?: T
  starting?: Promise<unknown>
}

/** Keeps what is open. Two lists for one group are refused: each would skip what the other wants, for good. */
export function createSubscriptions<T extends Subscription>(): Subscriptions<T> {
  const entries = new Set<Entry<T>>()
  let isClosed = false
  const all = () => [...entries].flatMap(({ subscription }) => subscription ?? [])

  function checkChannels(settings: ConsumeSettings): void {
    for (const { settings: other } of entries) {
      const isSame = listOf(other) === listOf(settings)
      if (other.group !== settings.group || isSame) continue
      throw new TypeError(
        `channels must be the same for every consumer of group ${settings.group}, but are ${listOf(settings)} beside ${listOf(other)}: use two groups`,
      )
    }
  }

  async function begin(entry: Entry<T>, start: () => Promise<T>): Promise<Subscription> {
    try {
      const subscription = await start()
      entry.subscription = subscription
      const close = () => subscription.close().finally(() => entries.delete(entry))
      if (!isClosed) return { close, [Symbol.asyncDispose]: close }
      await close()
      throw closedError()
    } catch (error) {
      entries.delete(entry)
      throw error
    }
  }

  return {
    all,
    open: async (settings, start) => {
      if (isClosed) throw closedError()
      checkChannels(settings)
      const entry: Entry<T> = { settings }
      entries.add(entry)
      const opened = begin(entry, start)
      entry.starting = opened.catch(() => {}) // the caller is told
      return opened
    },
    close: async () => {
      isClosed = true
      await Promise.all([...entries].map(({ starting }) => starting))
      await Promise.all(all().map((subscription) => subscription.close()))
    },
  }
}

function closedError(): TransientError {
  return new TransientError('The transport is closed', { code: 'MESSAGING_TRANSPORT_UNAVAILABLE' })
}

function listOf({ channels }: ConsumeSettings): string {
  return channels
    ? JSON.stringify(channels.toSorted((one, other) => (one < other ? -1 : 1)))
    : 'all'
}
