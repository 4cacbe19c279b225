import { defined } from '../defined.ts'
import { type EventBaseOptions, eventBase, isoFromEpoch, unknownEvent } from '../event-base.ts'
import type { InboundEvent } from '../inbound-event.ts'
import { asArray, asObject, asString, type JsonObject } from '../json-value.ts'
import type { RawRequest } from '../raw-request.ts'
import type { Context } from './telegram-credentials.ts'
import { telegramConversation, telegramIdentity } from './telegram-identity.ts'
import { normalizeTelegramMessage } from './telegram-message.ts'

/** One field of an update, and the key under which it is known. */
interface Source {
  value: JsonObject
  providerKey: string
}

const platform = 'telegram'

/** One update: `update_id` and one field that says what happened. @see https://core.telegram.org/bots/api#update */
export function normalizeTelegram(request: RawRequest, context: Context): InboundEvent[] {
  const update = asObject(request.json())
  const updateId = asString(update?.update_id)
  if (!update || !updateId) {
    const raw = request.json()
    return [unknownEvent({ platform, reason: 'an update without update_id', raw }, context)]
  }
  const providerKey = `update:${updateId}`
  for (const [field, reader] of Object.entries(readers)) {
    const value = asObject(update[field])
    const events = value && reader({ value, providerKey }, context)
    if (events) return [events].flat()
  }
  const field = Object.keys(update).find((key) => key !== 'update_id') ?? 'nothing'
  return [
    unknownEvent({ platform, reason: `an update of ${field}`, raw: update, providerKey }, context),
  ]
}

type Reader = (source: Source, context: Context) => InboundEvent | InboundEvent[] | undefined

const message: Reader = ({ value, providerKey }, context) =>
  normalizeTelegramMessage({ message: value, providerKey, isEdit: false }, context)

const edited: Reader = ({ value, providerKey }, context) =>
  normalizeTelegramMessage({ message: value, providerKey, isEdit: true }, context)

/** News about members, as lifecycle under the update's own name. */
function lifecycle(name: string): Reader {
  return (source, context) => {
    const actor = telegramIdentity(source.value.from)
    return {
      ...base(source, context),
      type: 'lifecycle',
      name: membershipName(source.value) ?? name,
      ...defined({ actor }),
    }
  }
}

const readers: Record<string, Reader> = {
  message,
  edited_message: edited,
  channel_post: message,
  edited_channel_post: edited,
  business_message: message,
  edited_business_message: edited,
  guest_message: message,
  deleted_business_messages: deleted,
  message_reaction: reaction,
  callback_query: callbackQuery,
  inline_query: inlineQuery,
  my_chat_member: lifecycle('my_chat_member'),
  chat_member: lifecycle('chat_member'),
  chat_join_request: lifecycle('chat_join_request'),
  chat_boost: lifecycle('chat_boost'),
  removed_chat_boost: lifecycle('removed_chat_boost'),
  business_connection: lifecycle('business_connection'),
}

function deleted({ value, providerKey }: Source, context: Context): InboundEvent[] | undefined {
  const ids = asArray(value.message_ids).flatMap((id) => asString(id) ?? [])
  if (ids.length === 0) return undefined
  return ids.map((messageId) => ({
    ...base({ value, providerKey: `${providerKey}:${messageId}` }, context),
    type: 'message.deleted',
    messageId,
  }))
}

/** Telegram tells the whole set before and after; the difference is what happened. */
function reaction(source: Source, context: Context): InboundEvent | undefined {
  const { value } = source
  const messageId = asString(value.message_id)
  const from = telegramIdentity(value.user, value.actor_chat)
  if (!messageId || !from) return undefined
  const [before, after] = [emojis(value.old_reaction), emojis(value.new_reaction)]
  return {
    ...base(source, context),
    type: 'reaction.changed',
    messageId,
    from,
    added: after.filter((emoji) => !before.includes(emoji)),
    removed: before.filter((emoji) => !after.includes(emoji)),
  }
}

/** Emoji as they are, custom ones by id, paid ones as `paid`. */
function emojis(value: unknown): string[] {
  return asArray(value).flatMap((item) => {
    const type = asObject(item)
    return asString(type?.emoji) ?? asString(type?.custom_emoji_id) ?? asString(type?.type) ?? []
  })
}

/** A press on an inline button. Its `data` is what the button was given. */
function callbackQuery(source: Source, context: Context): InboundEvent | undefined {
  const { value } = source
  const from = telegramIdentity(value.from)
  const id = asString(value.id)
  const name = asString(value.data) ?? asString(value.game_short_name)
  if (!from || !id || name === undefined) return undefined
  const pressed = asObject(value.message)
  return {
    ...base(source, context, { conversation: telegramConversation(pressed) }),
    type: 'action.invoked',
    kind: 'component',
    name,
    from,
    values: {},
    responseToken: id,
    ...defined({ messageId: asString(pressed?.message_id) }),
  }
}

function inlineQuery(source: Source, context: Context): InboundEvent | undefined {
  const { value } = source
  const from = telegramIdentity(value.from)
  const id = asString(value.id)
  if (!from || !id) return undefined
  return {
    ...base(source, context, { conversation: { id: from.primary, kind: 'unknown' } }),
    type: 'action.invoked',
    kind: 'autocomplete',
    name: 'inline_query',
    from,
    values: { query: value.query, offset: value.offset },
    responseToken: id,
  }
}

function base(
  { value, providerKey }: Source,
  context: Context,
  changes: Partial<EventBaseOptions> = {},
) {
  return eventBase(
    {
      platform,
      providerKey,
      conversation: telegramConversation(value),
      occurredAt: isoFromEpoch(value.date, 's'),
      raw: value,
      ...changes,
    },
    context,
  )
}

/** `left`, `kicked`, `member` …: what the member has become. */
function membershipName(value: JsonObject): string | undefined {
  const status = asString(asObject(value.new_chat_member)?.status)
  return status && `chat_member_${status}`
}
