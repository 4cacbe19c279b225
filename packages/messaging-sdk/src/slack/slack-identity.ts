import { defined } from '../defined.ts'
import type { Conversation, Identity, IdentityId } from '../inbound-event.ts'
import { asString, type JsonObject } from '../json-value.ts'

/** Whoever is behind a message: a user, a bot, or a bot that has a user. */
export function slackIdentity(message: JsonObject): Identity | undefined {
  const user = asString(message.user)
  const bot = asString(message.bot_id)
  const ids: IdentityId[] = [
    ...(user ? [{ kind: 'user', value: user }] : []),
    ...(bot ? [{ kind: 'bot', value: bot }] : []),
  ]
  const [first] = ids
  if (!first) return undefined
  return {
    ids,
    primary: first.value,
    ...defined({ name: asString(message.username), isBot: bot ? true : undefined }),
  }
}

/** The `user` object of interactions, and its ids in slash commands. */
export function slackUser(user: JsonObject): Identity | undefined {
  const id = asString(user.id) ?? asString(user.user_id)
  if (!id) return undefined
  const username = asString(user.username) ?? asString(user.user_name) ?? asString(user.name)
  return { ids: [{ kind: 'user', value: id }], primary: id, ...defined({ username }) }
}

const KINDS = new Map(
  Object.entries<Conversation['kind']>({
    im: 'direct',
    mpim: 'group',
    group: 'channel', // a private channel, since 2021
    channel: 'channel',
    app_home: 'direct',
  }),
)

/** Where it was said. Without `channel_type` the first letter of the id tells it. */
export function slackConversation(options: {
  channel: unknown
  type?: unknown
  thread?: unknown
}): Conversation {
  const id = asString(options.channel)
  if (!id) return { id: 'unknown', kind: 'unknown' }
  const byLetter = id.startsWith('D') ? 'direct' : id.startsWith('C') ? 'channel' : 'unknown'
  return {
    id,
    kind: KINDS.get(asString(options.type) ?? '') ?? byLetter,
    ...defined({ threadId: asString(options.thread) }),
  }
}
