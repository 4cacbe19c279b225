import { defined } from '../defined.ts'
import { eventBase, isoFromEpoch, unknownEvent } from '../event-base.ts'
import type { InboundEvent, InboundEventBase } from '../inbound-event.ts'
import { asArray, asObject, asString, type JsonObject } from '../json-value.ts'
import type { Context } from './slack-credentials.ts'
import { emojiOfSlack } from './slack-emoji.ts'
import { slackConversation, slackIdentity } from './slack-identity.ts'
import { slackParts } from './slack-parts.ts'

/** An `event_callback` and what surrounds its `event`. */
export interface SlackEvent {
  event: JsonObject
  callback: JsonObject
  /** `event_id`, the same on every redelivery. */
  providerKey: string
  redelivery?: InboundEventBase['redelivery']
}

/** One event of the Events API. @see https://docs.slack.dev/reference/events */
export function normalizeSlackEvent(source: SlackEvent, context: Context): InboundEvent {
  const { event, providerKey } = source
  const type = asString(event.type) ?? ''
  const normalized =
    type === 'message' || type === 'app_mention'
      ? messageEvent(source, context)
      : type === 'reaction_added' || type === 'reaction_removed'
        ? reactionEvent(source, context)
        : LIFECYCLE_EVENTS.has(type)
          ? lifecycle(type, source, context)
          : undefined
  if (normalized) return normalized
  const reason = `an event of type ${type || 'missing'} in an unknown shape`
  const conversation = slackConversation({ channel: event.channel })
  return unknownEvent({ platform: 'slack', reason, raw: event, providerKey, conversation }, context)
}

/** Events about the app, its channels and their members. */
const LIFECYCLE_EVENTS = new Set([
  'app_home_opened',
  'app_uninstalled',
  'assistant_thread_started',
  'assistant_thread_context_changed',
  'channel_archive',
  'channel_created',
  'channel_deleted',
  'channel_rename',
  'channel_unarchive',
  'im_created',
  'member_joined_channel',
  'member_left_channel',
  'team_join',
  'tokens_revoked',
])

/** Subtypes that are somebody's message; the others are notices about the channel. */
const MESSAGE_SUBTYPES = new Set(['file_share', 'bot_message', 'thread_broadcast', 'me_message'])

function messageEvent(source: SlackEvent, context: Context): InboundEvent | undefined {
  const { event } = source
  const subtype = asString(event.subtype)
  switch (subtype) {
    case 'message_changed':
      return changed(source, context)
    case 'message_deleted':
      return deleted(source, asString(event.deleted_ts), context)
    default:
      if (subtype === undefined || MESSAGE_SUBTYPES.has(subtype)) return received(source, context)
      return lifecycle(subtype, source, context)
  }
}

function received(source: SlackEvent, context: Context): InboundEvent | undefined {
  const { event, callback } = source
  const messageId = asString(event.ts)
  const from = slackIdentity(event)
  const channel = asString(event.channel)
  if (!messageId || !from || !channel) return undefined
  const isSelf = isOurs(event, callback)
  const thread = asString(event.thread_ts)
  // A mention comes as `app_mention` and as `message`, each with an event id of its own: one message.
  const providerKey = `message:${channel}:${messageId}`
  return {
    ...baseOf({ ...source, providerKey }, context),
    type: 'message.received',
    from: isSelf ? { ...from, isSelf } : from,
    messageId,
    parts: slackParts(event),
    origin: isSelf ? 'echo' : 'user',
    ...(thread && thread !== messageId && { replyTo: { messageId: thread } }),
  }
}

/** The bot's own messages come back as events; answering them would never end. */
function isOurs(event: JsonObject, callback: JsonObject): boolean {
  const app = asString(callback.api_app_id)
  const isBot = asArray(callback.authorizations).some((value) => {
    const authorization = asObject(value)
    return authorization?.is_bot === true && authorization.user_id === event.user
  })
  return isBot || (app !== undefined && event.app_id === app)
}

/** Also sent when Slack unfurls a link: then the words are the same, and nobody edited anything. */
function changed(source: SlackEvent, context: Context): InboundEvent | undefined {
  const message = asObject(source.event.message)
  const previous = asObject(source.event.previous_message)
  const messageId = asString(message?.ts)
  if (!message || !messageId) return undefined
  if (message.subtype === 'tombstone') return deleted(source, messageId, context)
  if (previous && previous.text === message.text && message.edited === undefined) {
    return lifecycle('message_unfurled', source, context)
  }
  const editedAt = isoFromEpoch(asObject(message.edited)?.ts, 's')
  return {
    ...baseOf(source, context, { thread: message.thread_ts }),
    type: 'message.edited',
    messageId,
    parts: slackParts(message),
    ...defined({ from: slackIdentity(message), editedAt }),
  }
}

function deleted(
  source: SlackEvent,
  messageId: string | undefined,
  context: Context,
): InboundEvent | undefined {
  if (!messageId) return undefined
  const thread = asObject(source.event.previous_message)?.thread_ts
  return { ...baseOf(source, context, { thread }), type: 'message.deleted', messageId }
}

function reactionEvent(source: SlackEvent, context: Context): InboundEvent | undefined {
  const { event } = source
  const item = asObject(event.item)
  const messageId = asString(item?.ts)
  const name = asString(event.reaction)
  const from = slackIdentity(event)
  if (!messageId || !name || !from) return undefined
  const emoji = [emojiOfSlack(name)]
  const isAdded = event.type === 'reaction_added'
  return {
    ...baseOf(source, context, { channel: item?.channel }),
    type: 'reaction.changed',
    messageId,
    from,
    added: isAdded ? emoji : [],
    removed: isAdded ? [] : emoji,
  }
}

function lifecycle(name: string, source: SlackEvent, context: Context): InboundEvent {
  const actor = slackIdentity(source.event)
  return { ...baseOf(source, context), type: 'lifecycle', name, ...defined({ actor }) }
}

function baseOf(
  source: SlackEvent,
  context: Context,
  place: { channel?: unknown; thread?: unknown } = {},
): InboundEventBase {
  const { event, callback, providerKey, redelivery } = source
  const channel = asObject(event.channel)?.id ?? event.channel
  return eventBase(
    {
      platform: 'slack',
      providerKey,
      conversation: slackConversation({
        channel: place.channel ?? channel,
        type: event.channel_type,
        thread: place.thread ?? event.thread_ts,
      }),
      occurredAt: isoFromEpoch(event.event_ts ?? event.ts ?? callback.event_time, 's'),
      redelivery,
      raw: event,
    },
    context,
  )
}
