import type { JetStreamManager, StoredMsg } from '@nats-io/jetstream'
import type { ConsumeSettings } from '../delivery-decision.ts'
import type { DeadLetter, DeadLetters } from '../message-transport.ts'
import { wholeNumber } from '../whole-number.ts'
import type { BuriedMessage } from './nats-consumer.ts'
import { isOccupied, withNatsErrors } from './nats-errors.ts'
import { deadFilter, deadSubject, eventSubject, type NatsNames, targetOf } from './nats-subjects.ts'
import type { StreamWriter } from './stream-writer.ts'

/** A dead letter as it is stored; its id is its place in the stream. */
type StoredLetter = Omit<DeadLetter, 'id'>

const DEFAULT_LIMIT = 100

interface DeadLetterStore {
  write: StreamWriter
  manager: JetStreamManager
  names: NatsNames
}

/** Stores a dead letter and waits for the server's word. The same failure twice is stored once. */
export async function buryInNats(
  store: DeadLetterStore & { settings: ConsumeSettings; now: () => number },
  buried: BuriedMessage,
): Promise<void> {
  const { settings, names, now } = store
  const letter: StoredLetter = {
    queue: settings.deadLettering.queueName,
    group: settings.group,
    envelope: buried.envelope,
    error: buried.error.toJSON(),
    attempts: buried.attempts,
    deadAt: new Date(now()).toISOString(),
  }
  const msgID = `dead:${settings.group}:${buried.sequence}`
  await store.write(deadSubject(names, letter), JSON.stringify(letter), { msgID })
}

/** Dead letters as a stream of their own. */
export function createNatsDeadLetters(store: DeadLetterStore): DeadLetters {
  const { write, manager, names } = store

  async function get(id: string): Promise<DeadLetter | undefined> {
    const seq = toSequence(id)
    if (seq === undefined) return undefined
    const stored = await manager.streams.getMessage(names.dead, { seq }).catch(absent)
    return stored ? toDeadLetter(stored) : undefined
  }

  async function remove(id: string): Promise<void> {
    await manager.streams.deleteMessage(names.dead, Number(id), false)
  }

  const deadLetters = withNatsErrors<DeadLetters>({
    get,
    list: async (options = {}) => {
      const letters: DeadLetter[] = []
      const next_by_subj = deadFilter(names, options)
      const { limit = DEFAULT_LIMIT } = options
      let seq = (toSequence(options.after ?? '') ?? 0) + 1
      while (letters.length < limit) {
        const stored = await manager.direct
          .getMessage(names.dead, { seq, next_by_subj })
          .catch(absent)
        if (!stored) break
        letters.push(toDeadLetter(stored))
        seq = stored.seq + 1
      }
      return letters
    },
    redrive: async (id) => {
      const letter = await get(id)
      if (!letter) return false
      const { envelope, group } = letter
      // A new place in the log, for this group alone; its id makes a second redrive of the same letter harmless.
      const again = { id: `redrive:${id}`, orderKey: envelope.orderKey, target: targetOf(group) }
      try {
        await write(eventSubject(names, again), JSON.stringify(envelope))
      } catch (error) {
        if (!isOccupied(error)) throw error
      }
      await remove(id)
      return true
    },
    discard: async (id) => {
      if (!(await get(id))) return false
      await remove(id)
      return true
    },
  })
  const list: DeadLetters['list'] = async (options) => {
    wholeNumber('limit', options?.limit ?? DEFAULT_LIMIT, { least: 1 }) // no fault of the server's
    return deadLetters.list(options)
  }
  return { ...deadLetters, list }
}

function toSequence(id: string): number | undefined {
  return /^[1-9]\d{0,14}$/.test(id) ? Number(id) : undefined
}

const NO_MESSAGE = /no message found|message not found|404/i

function absent(error: unknown): null {
  if (error instanceof Error && NO_MESSAGE.test(error.message)) return null
  throw error
}

function toDeadLetter(stored: StoredMsg): DeadLetter {
  return { id: String(stored.seq), ...stored.json<StoredLetter>() }
}
