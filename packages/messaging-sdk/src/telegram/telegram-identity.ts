import { defined } from '../defined.ts'
import type { Conversation, Identity } from '../inbound-event.ts'
import { asObject, asString, type JsonObject } from '../json-value.ts'

/** A `User` or, for channels and anonymous administrators, a `Chat`. */
export function telegramIdentity(user: unknown, chat?: unknown): Identity | undefined {
  const person = asObject(user)
  const id = asString(person?.id)
  if (person && id) {
    const isBot = person.is_bot === true
    return {
      ids: [{ kind: isBot ? 'bot' : 'user', value: id }],
      primary: id,
      ...defined({
        name: nameOf(person.first_name, person.last_name),
        username: asString(person.username),
        isBot: isBot || undefined,
      }),
    }
  }
  const place = asObject(chat)
  const chatId = asString(place?.id)
  if (!place || !chatId) return undefined
  return {
    ids: [{ kind: 'chat', value: chatId }],
    primary: chatId,
    ...defined({
      name: asString(place.title) ?? nameOf(place.first_name, place.last_name),
      username: asString(place.username),
    }),
  }
}

const KINDS = new Map(
  Object.entries<Conversation['kind']>({
    private: 'direct',
    group: 'group',
    supergroup: 'group',
    channel: 'channel',
  }),
)

/**
 * The chat of a message. A chat with a business account that the bot speaks for is another conversation
 * than the bot's own with the same person: its id is `<business connection>:<chat>`.
 */
export function telegramConversation(message: JsonObject | undefined): Conversation {
  const chat = asObject(message?.chat)
  const id = asString(chat?.id)
  if (!message || !id) return { id: 'unknown', kind: 'unknown' }
  const connection = asString(message.business_connection_id)
  const isTopic = message.is_topic_message === true
  return {
    id: connection ? `${connection}:${id}` : id,
    kind: KINDS.get(asString(chat?.type) ?? '') ?? 'unknown',
    ...defined({ threadId: isTopic ? asString(message.message_thread_id) : undefined }),
  }
}

function nameOf(first: unknown, last: unknown): string | undefined {
  const names = [asString(first), asString(last)].filter((name) => name !== undefined)
  return names.length > 0 ? names.join(' ') : undefined
}
