import type { ConsumeSettings } from './delivery-decision.ts'
import type { Subscription } from './message-transport.ts'

/** The consumers of one transport. */
export interface Subscriptions<T extends Subscription> {
  /** @throws {TypeError} when the group is consumed with another list of channels. */
  open: (settings: ConsumeSettings, start: () => Promise<T>) => Promise<Subscription>
  all: () => T[]
  close: () => Promise<void>
}

/** Keeps what is open. Two lists for one group are refused: each would skip what the other wants, for good. */
export function createSubscriptions<T extends Subscription>(): Subscriptions<T> {
  const entries = new Set<{ settings: ConsumeSettings; subscription?: T }>()
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

  return {
    all,
    open: async (settings, start) => {
      checkChannels(settings)
      const entry: { settings: ConsumeSettings; subscription?: T } = { settings }
      entries.add(entry)
      try {
        const subscription = await start()
        entry.subscription = subscription
        const close = () => subscription.close().finally(() => entries.delete(entry))
        return { close, [Symbol.asyncDispose]: close }
      } catch (error) {
        entries.delete(entry)
        throw error
      }
    },
    close: async () => {
      await Promise.all(all().map((subscription) => subscription.close()))
    },
  }
}

function listOf({ channels }: ConsumeSettings): string {
  return channels
    ? JSON.stringify(channels.toSorted((one, other) => (one < other ? -1 : 1)))
    : 'all'
}
