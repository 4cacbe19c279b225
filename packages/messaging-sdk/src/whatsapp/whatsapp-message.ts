import { eventBase, isoFromEpoch, unknownEvent } from '../event-base.ts'
import type { Identity, InboundEvent, InboundEventBase, MessageReceived } from '../inbound-event.ts'
import { asObject, asString, type JsonObject } from '../json-value.ts'
import type { NormalizeContext } from '../platform-adapter.ts'
import type { WhatsAppCredentials } from './whatsapp-credentials.ts'
import { conversationOf, identityOf } from './whatsapp-identity.ts'
import { partsOf } from './whatsapp-parts.ts'

/** One `changes[]` element with what surrounds it. */
export interface Change {
  field: string
  value: JsonObject
  /** The change's `contacts[]` by number and by user id, for names. */
  contacts: ReadonlyMap<string, JsonObject>
}

/** A message element that has an id. */
export interface MessageElement {
  element: JsonObject
  id: string
  origin: 'user' | 'echo'
  change: Change
}

/** One element of `messages[]` or `message_echoes[]`. */
export function normalizeMessage(
  source: MessageElement,
  context: NormalizeContext<WhatsAppCredentials>,
): InboundEvent {
  const { element, id, origin, change } = source
  const from = senderOf(element, change.contacts)
  const peer = origin === 'echo' ? asString(element.to) : from?.primary
  const base = eventBase(
    {
      platform: 'whatsapp',
      providerKey: id,
      conversation: conversationOf(peer, asString(element.group_id)),
      occurredAt: isoFromEpoch(element.timestamp, 's'),
      raw: element,
    },
    context,
  )
  if (!from) {
    const reason = 'a message without a sender'
    return unknownEvent({ platform: 'whatsapp', reason, raw: element, providerKey: id }, context)
  }
  const sender = origin === 'echo' ? { ...from, isSelf: true } : from
  return special(base, element, sender) ?? received({ base, from: sender, source })
}

function received(options: {
  base: InboundEventBase
  from: Identity
  source: MessageElement
}): MessageReceived {
  const { base, from, source } = options
  const { element, id, origin, change } = source
  const context = asObject(element.context)
  const quoted = asString(context?.id)
  const business = asObject(change.value.metadata)
  const to =
    origin === 'echo'
      ? identityOf({ phone: asString(element.to), userId: asString(element.to_user_id) })
      : businessIdentity(business)
  const forwarded = context?.frequently_forwarded === true ? 2 : context?.forwarded === true ? 1 : 0
  return {
    ...base,
    type: 'message.received',
    from,
    ...(to && { to }),
    messageId: id,
    parts: partsOf(element),
    ...(quoted && { replyTo: { messageId: quoted } }),
    ...(forwarded > 0 && { forwarded: forwarded as 1 | 2 }),
    origin,
    ...(element.referral !== undefined && { referral: element.referral }),
  }
}

/** The elements that are no new message: reactions, edits, revocations and system notices. */
function special(
  base: InboundEventBase,
  element: JsonObject,
  from: Identity,
): InboundEvent | undefined {
  switch (element.type) {
    case 'reaction':
      return reaction(base, element, from)
    case 'edit': {
      const edit = asObject(element.edit)
      const messageId = asString(edit?.original_message_id)
      const message = asObject(edit?.message)
      if (!messageId || !message) return undefined
      return { ...base, type: 'message.edited', messageId, from, parts: partsOf(message) }
    }
    case 'revoke': {
      const messageId = asString(asObject(element.revoke)?.original_message_id)
      return (messageId && { ...base, type: 'message.deleted', messageId, by: from }) || undefined
    }
    case 'system':
      return system(base, element, from)
    default:
      return undefined
  }
}

function reaction(
  base: InboundEventBase,
  element: JsonObject,
  from: Identity,
): InboundEvent | undefined {
  const body = asObject(element.reaction)
  const messageId = asString(body?.message_id)
  if (!messageId) return undefined
  const emoji = asString(body?.emoji) // empty or absent: taken back, and nobody says which
  return {
    ...base,
    type: 'reaction.changed',
    messageId,
    from,
    added: emoji ? [emoji] : [],
    removed: emoji ? [] : ['*'],
  }
}

function system(base: InboundEventBase, element: JsonObject, from: Identity): InboundEvent {
  const notice = asObject(element.system) ?? {}
  const phone = asString(notice.wa_id) ?? asString(notice.new_wa_id)
  const to = identityOf({ phone, userId: asString(notice.user_id) })
  const isChange = notice.type === 'user_changed_number' || notice.type === 'user_changed_user_id'
  if (isChange && to) return { ...base, type: 'identity.changed', from, to }
  return {
    ...base,
    type: 'lifecycle',
    name: asString(notice.type) ?? 'system',
    actor: from,
  }
}

function senderOf(element: JsonObject, contacts: Change['contacts']): Identity | undefined {
  const phone = asString(element.from)
  const userId = asString(element.from_user_id)
  const contact = contacts.get(phone ?? '') ?? contacts.get(userId ?? '')
  const profile = asObject(contact?.profile)
  return identityOf({
    phone: phone ?? asString(contact?.wa_id),
    userId: userId ?? asString(contact?.user_id),
    parentUserId: asString(element.from_parent_user_id) ?? asString(contact?.parent_user_id),
    name: asString(profile?.name),
    username: asString(profile?.username),
  })
}

function businessIdentity(metadata: JsonObject | undefined): Identity | undefined {
  const id = asString(metadata?.phone_number_id)
  if (!id) return undefined
  const phone = asString(metadata?.display_phone_number)
  return {
    ids: [{ kind: 'app', value: id }, ...(phone ? [{ kind: 'phone', value: phone }] : [])],
    primary: id,
    isSelf: true,
  }
}
