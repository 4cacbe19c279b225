import { defined } from '../defined.ts'
import { eventBase, isoFromEpoch, unknownEvent } from '../event-base.ts'
import type { Identity, InboundEvent, InboundEventBase } from '../inbound-event.ts'
import { asArray, asObject, asString, type JsonObject } from '../json-value.ts'
import type { Context } from './telegram-credentials.ts'
import { telegramConversation, telegramIdentity } from './telegram-identity.ts'
import { telegramParts } from './telegram-parts.ts'

/** A `Message` and the update it came in. */
export interface TelegramMessage {
  message: JsonObject
  providerKey: string
  isEdit: boolean
}

/** A new message, an edit, or one of the notices that Telegram also sends as messages. */
export function normalizeTelegramMessage(source: TelegramMessage, context: Context): InboundEvent {
  const { message, providerKey, isEdit } = source
  const messageId = asString(message.message_id)
  const from = telegramIdentity(message.from, message.sender_chat ?? message.chat)
  const base = eventBase(
    {
      platform: 'telegram',
      providerKey,
      conversation: telegramConversation(message),
      occurredAt: isoFromEpoch(isEdit ? message.edit_date : message.date, 's'),
      raw: message,
    },
    context,
  )
  if (!messageId || !from) {
    const reason = 'a message without id or sender'
    return unknownEvent({ platform: 'telegram', reason, raw: message, providerKey }, context)
  }
  const parts = telegramParts(message)
  if (parts.length === 0) {
    const notice = noticeOf(message, base, from)
    if (notice) return notice
    parts.push({ type: 'unsupported', data: message, reason: 'content of an unknown type' })
  }
  if (isEdit) {
    const editedAt = isoFromEpoch(message.edit_date, 's')
    return { ...base, type: 'message.edited', messageId, from, parts, ...defined({ editedAt }) }
  }
  const isEcho = message.sender_business_bot !== undefined
  return {
    ...base,
    type: 'message.received',
    from: isEcho ? { ...from, isSelf: true } : from,
    messageId,
    parts,
    origin: isEcho ? 'echo' : 'user',
    ...defined({
      replyTo: replyOf(message),
      forwarded: message.forward_origin === undefined ? undefined : (1 as const),
      referral: startParameter(asString(message.text)),
    }),
  }
}

function replyOf(message: JsonObject) {
  const replied = asObject(message.reply_to_message)
  const messageId = asString(replied?.message_id)
  const storyId = asString(asObject(message.reply_to_story)?.id)
  if (storyId) return { storyId }
  // In a topic every message "replies" to the service message that opened it.
  if (!replied || !messageId || replied.forum_topic_created !== undefined) return undefined
  const quoted = telegramParts(replied)
  return { messageId, ...(quoted.length > 0 && { quoted }) }
}

/** What follows `/start` in a deep link. @see https://core.telegram.org/bots/features#deep-linking */
function startParameter(text: string | undefined): { start: string } | undefined {
  const start = /^\/start(?:@\w+)? ([\w-]{1,64})$/.exec(text ?? '')?.[1]
  return start === undefined ? undefined : { start }
}

/** Notices of the chat itself, sent as messages. @see https://core.telegram.org/bots/api#message */
const NOTICE_FIELDS = [
  'new_chat_members',
  'left_chat_member',
  'new_chat_title',
  'new_chat_photo',
  'delete_chat_photo',
  'group_chat_created',
  'supergroup_chat_created',
  'channel_chat_created',
  'migrate_from_chat_id',
  'pinned_message',
  'successful_payment',
  'refunded_payment',
  'users_shared',
  'chat_shared',
  'write_access_allowed',
  'web_app_data',
  'boost_added',
  'forum_topic_created',
  'forum_topic_edited',
  'forum_topic_closed',
  'forum_topic_reopened',
  'video_chat_started',
  'video_chat_ended',
  'message_auto_delete_timer_changed',
]

function noticeOf(
  message: JsonObject,
  base: InboundEventBase,
  from: Identity,
): InboundEvent | undefined {
  const moved = asString(message.migrate_to_chat_id)
  const group = asString(asObject(message.chat)?.id)
  if (moved && group) {
    const chat = (id: string): Identity => ({ ids: [{ kind: 'chat', value: id }], primary: id })
    return { ...base, type: 'identity.changed', from: chat(group), to: chat(moved) }
  }
  const name = NOTICE_FIELDS.find((field) => message[field] !== undefined)
  if (!name) return undefined
  const member = telegramIdentity(asArray(message.new_chat_members)[0] ?? message.left_chat_member)
  return { ...base, type: 'lifecycle', name, actor: member ?? from }
}
