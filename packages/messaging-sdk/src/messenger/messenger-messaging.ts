import { defined } from '../defined.ts'
import { contentHash, eventBase, isoFromEpoch, unknownEvent } from '../event-base.ts'
import type { Identity, InboundEvent, InboundEventBase } from '../inbound-event.ts'
import { asArray, asObject, asString, type JsonObject } from '../json-value.ts'
import type { Context } from './messenger-credentials.ts'
import { messengerParts } from './messenger-parts.ts'

/** One element of `messaging[]` or `standby[]`. */
export interface MessagingElement {
  platform: 'messenger' | 'instagram'
  element: JsonObject
  isStandby: boolean
}

/**
 * Everything that one element tells: a delivery report speaks of several messages.
 * @see https://developers.facebook.com/docs/messenger-platform/reference/webhook-events
 */
export function normalizeMessaging(source: MessagingElement, context: Context): InboundEvent[] {
  for (const [field, reader] of Object.entries(readers)) {
    const value = asObject(source.element[field])
    const events = value && reader({ ...source, value }, context)
    if (events) return [events].flat()
  }
  const notice = NOTICES.find((field) => source.element[field] !== undefined)
  if (notice) return [lifecycle(notice, source, context)]
  const { platform, element: raw } = source
  const reason = 'a messaging element of an unknown kind'
  return [unknownEvent({ platform, reason, raw, conversation: conversationOf(source) }, context)]
}

/** Elements about the relation between app, page and person. */
const NOTICES = [
  'optin',
  'referral',
  'account_linking',
  'pass_thread_control',
  'take_thread_control',
  'request_thread_control',
  'app_roles',
  'policy_enforcement',
  'messaging_feedback',
  'response_feedback',
]

interface Source extends MessagingElement {
  value: JsonObject
}

type Reader = (source: Source, context: Context) => InboundEvent | InboundEvent[] | undefined

const readers: Record<string, Reader> = {
  message,
  message_edit: edit,
  postback,
  reaction,
  delivery,
  read,
}

function message(source: Source, context: Context): InboundEvent | undefined {
  const { value } = source
  const messageId = asString(value.mid)
  const from = personOf(source, 'sender')
  if (!messageId || !from) return undefined
  if (value.is_deleted === true) {
    const base = baseOf(source, `deleted:${messageId}`, context)
    return { ...base, type: 'message.deleted', messageId, by: from }
  }
  const isEcho = value.is_echo === true
  const replied = asObject(value.reply_to)
  const story = asString(asObject(replied?.story)?.id)
  const repliedTo = asString(replied?.mid)
  const origin = isEcho ? 'echo' : source.isStandby ? 'standby' : 'user'
  return {
    ...baseOf(source, messageId, context),
    type: 'message.received',
    from: isEcho ? { ...from, isSelf: true } : from,
    messageId,
    parts: messengerParts(value),
    origin,
    ...defined({
      to: personOf(source, 'recipient'),
      replyTo: story || repliedTo ? defined({ storyId: story, messageId: repliedTo }) : undefined,
      referral: value.referral,
    }),
  }
}

function edit(source: Source, context: Context): InboundEvent | undefined {
  const { value } = source
  const messageId = asString(value.mid)
  const from = personOf(source, 'sender')
  const text = asString(value.text)
  if (!messageId || !from || text === undefined) return undefined
  const providerKey = `edit:${messageId}:${asString(value.num_edit) ?? contentHash(source.element)}`
  return {
    ...baseOf(source, providerKey, context),
    type: 'message.edited',
    messageId,
    from,
    parts: [{ type: 'text', text, format: 'plain' }],
  }
}

/** A button, the persistent menu or "Get started". Its payload is what it was given. */
function postback(source: Source, context: Context): InboundEvent | undefined {
  const { value } = source
  const from = personOf(source, 'sender')
  const name = asString(value.payload) ?? asString(value.title)
  if (!from || name === undefined) return undefined
  const messageId = asString(value.mid)
  return {
    ...baseOf(source, `postback:${messageId ?? contentHash(source.element)}`, context),
    type: 'action.invoked',
    kind: 'component',
    from,
    name,
    values: value,
    ...defined({ messageId }),
  }
}

function reaction(source: Source, context: Context): InboundEvent | undefined {
  const { value, element } = source
  const messageId = asString(value.mid)
  const from = personOf(source, 'sender')
  const action = asString(value.action)
  if (!messageId || !from || (action !== 'react' && action !== 'unreact')) return undefined
  const emoji = asString(value.emoji) ?? asString(value.reaction)
  const time = asString(element.timestamp) ?? ''
  return {
    ...baseOf(source, `reaction:${messageId}:${from.primary}:${action}:${time}`, context),
    type: 'reaction.changed',
    messageId,
    from,
    added: action === 'react' ? [emoji ?? '*'] : [],
    removed: action === 'unreact' ? [emoji ?? '*'] : [],
  }
}

/** `mids` where Meta names them, and always a watermark: everything sent up to then. */
function delivery(source: Source, context: Context): InboundEvent[] | undefined {
  return statuses(source, 'delivered', context)
}

/** Messenger tells a watermark, Instagram the one message. */
function read(source: Source, context: Context): InboundEvent[] | undefined {
  return statuses(source, 'read', context)
}

function statuses(
  source: Source,
  status: 'delivered' | 'read',
  context: Context,
): InboundEvent[] | undefined {
  const { value } = source
  const recipient = personOf(source, 'sender')
  const named = [...asArray(value.mids), value.mid].flatMap((id) => asString(id) ?? [])
  const upTo = isoFromEpoch(value.watermark, 'ms')
  const about = (providerKey: string, fields: { messageId?: string; upTo?: string }) => ({
    ...baseOf(source, providerKey, context),
    type: 'message.status' as const,
    status,
    ...fields,
    ...defined({ recipient }),
  })
  const events = named.map((messageId) => about(`${status}:${messageId}`, { messageId }))
  const person = recipient?.primary ?? ''
  if (upTo) events.push(about(`${status}:${person}:${asString(value.watermark) ?? ''}`, { upTo }))
  return events.length > 0 ? events : undefined
}

function lifecycle(name: string, source: MessagingElement, context: Context): InboundEvent {
  const base = baseOf(source, `${name}:${contentHash(source.element)}`, context)
  const actor = personOf(source, 'sender')
  return { ...base, type: 'lifecycle', name, ...defined({ actor }) }
}

function baseOf(source: MessagingElement, providerKey: string, context: Context): InboundEventBase {
  return eventBase(
    {
      platform: source.platform,
      providerKey,
      conversation: conversationOf(source),
      occurredAt: isoFromEpoch(source.element.timestamp, 'ms'),
      raw: source.element,
    },
    context,
  )
}

/** The person's id on both sides: an echo goes to the person, everything else comes from them. */
function conversationOf(source: MessagingElement) {
  const isEcho = asObject(source.element.message)?.is_echo === true
  const person = personOf(source, isEcho ? 'recipient' : 'sender')
  return person
    ? ({ id: person.primary, kind: 'direct' } as const)
    : ({ id: 'unknown', kind: 'unknown' } as const)
}

function personOf(source: MessagingElement, side: 'sender' | 'recipient'): Identity | undefined {
  const party = asObject(source.element[side])
  const id = asString(party?.id) ?? asString(party?.user_ref)
  const kind = source.platform === 'instagram' ? 'igsid' : 'psid'
  return id ? { ids: [{ kind, value: id }], primary: id } : undefined
}
