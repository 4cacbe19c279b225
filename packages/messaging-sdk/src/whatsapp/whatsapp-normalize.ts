import { contentHash, eventBase, isoFromEpoch, unknownEvent } from '../event-base.ts'
import type { Identity, InboundEvent } from '../inbound-event.ts'
import { asArray, asList, asObject, asString, type JsonObject } from '../json-value.ts'
import type { NormalizeContext } from '../platform-adapter.ts'
import type { RawRequest } from '../raw-request.ts'
import type { WhatsAppCredentials } from './whatsapp-credentials.ts'
import { conversationOf, identityOf } from './whatsapp-identity.ts'
import { type Change, normalizeMessage } from './whatsapp-message.ts'

const platform = 'whatsapp'

type Context = NormalizeContext<WhatsAppCredentials>

/** The phone number ids in a delivery; changes that name none are known by their account's id. */
export function routeWhatsApp(request: RawRequest): string[] {
  try {
    const hints = changesOf(request.json()).map(({ hint }) => hint)
    return [...new Set(hints.filter((hint) => hint !== undefined))]
  } catch {
    return []
  }
}

/**
 * All entries, all changes, all messages and statuses, in their order.
 * @see https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks/payload-examples
 */
export function normalizeWhatsApp(request: RawRequest, context: Context): InboundEvent[] {
  const payload = request.json()
  const changes = changesOf(payload)
  // What names no number is for the first channel of the delivery, so that it is not lost.
  const first = changes.find(({ hint }) => hint !== undefined)?.hint
  if (changes.length === 0) {
    return [unknownEvent({ platform, reason: 'no changes in the delivery', raw: payload }, context)]
  }
  return changes
    .filter(({ hint }) => context.hint === undefined || context.hint === (hint ?? first))
    .flatMap(({ change, raw }) =>
      change
        ? normalizeChange(change, context)
        : [unknownEvent({ platform, reason: 'a change without field or value', raw }, context)],
    )
}

interface FoundChange {
  raw: unknown
  /** Absent when the element has no field or value. */
  change: Change | undefined
  hint: string | undefined
}

function changesOf(payload: unknown): FoundChange[] {
  const found: FoundChange[] = []
  for (const entry of asList(asObject(payload)?.entry)) {
    const account = asString(asObject(entry)?.id)
    const changes = asList(asObject(entry)?.changes)
    if (changes.length === 0) found.push({ raw: entry, change: undefined, hint: account })
    for (const raw of changes) found.push(foundChange(raw, account))
  }
  return found
}

function foundChange(raw: unknown, account: string | undefined): FoundChange {
  const field = asString(asObject(raw)?.field)
  const value = asObject(asObject(raw)?.value)
  const hint = asString(asObject(value?.metadata)?.phone_number_id) ?? account
  if (!field || !value) return { raw, change: undefined, hint }
  return { raw, hint, change: { field, value, contacts: contactsOf(value) } }
}

function contactsOf(value: JsonObject): Change['contacts'] {
  const contacts = new Map<string, JsonObject>()
  for (const contact of asArray(value.contacts).map(asObject)) {
    const ids = [asString(contact?.wa_id), asString(contact?.user_id)]
    for (const id of ids) if (contact && id && !contacts.has(id)) contacts.set(id, contact)
  }
  return contacts
}

function normalizeChange(change: Change, context: Context): InboundEvent[] {
  const { value } = change
  const events = [
    ...asList(value.messages).map((raw) => message(raw, 'user', change, context)),
    ...asList(value.message_echoes).map((raw) => message(raw, 'echo', change, context)),
    ...asList(value.statuses).map((raw) => status(raw, context)),
    ...asList(value.user_id_update).map((raw) => userIdUpdate(raw, context)),
    ...asList(value.errors).map((raw) => lifecycle('platform_error', raw, context)),
  ]
  // Templates, account reviews, quality updates: news of the channel, each field its own name.
  return events.length > 0 ? events : [lifecycle(change.field, value, context)]
}

function message(
  raw: unknown,
  origin: 'user' | 'echo',
  change: Change,
  context: Context,
): InboundEvent {
  const element = asObject(raw)
  const id = asString(element?.id)
  if (!element || !id) {
    return unknownEvent({ platform, reason: 'a message without an id', raw }, context)
  }
  return normalizeMessage({ element, id, origin, change }, context)
}

const STATUSES = ['sent', 'delivered', 'read', 'played', 'failed'] as const

function status(raw: unknown, context: Context): InboundEvent {
  const element = asObject(raw)
  const messageId = asString(element?.id)
  const name = STATUSES.find((known) => known === element?.status)
  if (!element || !messageId || !name) {
    return unknownEvent({ platform, reason: 'a status without id or known name', raw }, context)
  }
  const recipient = recipientOf(element)
  const correlationId = asString(element.biz_opaque_callback_data)
  const error = asObject(asArray(element.errors)[0])
  const participant = asString(element.recipient_participant_id)
  return {
    ...eventBase(
      {
        platform,
        providerKey: `status:${messageId}:${name}:${participant ?? recipient?.primary ?? ''}`,
        conversation: conversationOf(
          recipient?.primary,
          element.recipient_type === 'group' ? asString(element.recipient_id) : undefined,
        ),
        occurredAt: isoFromEpoch(element.timestamp, 's'),
        raw,
      },
      context,
    ),
    type: 'message.status',
    messageId,
    status: name,
    ...(recipient && { recipient }),
    ...(correlationId && { correlationId }),
    ...(error && { error: providerError(error) }),
  }
}

function recipientOf(element: JsonObject): Identity | undefined {
  return identityOf({
    phone: asString(element.recipient_id),
    userId: asString(element.recipient_user_id),
    parentUserId: asString(element.recipient_parent_user_id),
  })
}

function userIdUpdate(raw: unknown, context: Context): InboundEvent {
  const element = asObject(raw)
  const phone = asString(element?.wa_id)
  const change = asObject(element?.user_id)
  const from = identityOf({ phone, userId: asString(change?.previous) })
  const to = identityOf({ phone, userId: asString(change?.current) })
  if (!element || !from || !to) {
    return unknownEvent({ platform, reason: 'a user id update without both ids', raw }, context)
  }
  const base = eventBase(
    {
      platform,
      providerKey: `user_id_update:${contentHash(raw)}`,
      conversation: conversationOf(from.primary),
      occurredAt: isoFromEpoch(element.timestamp, 's'),
      raw,
    },
    context,
  )
  return { ...base, type: 'identity.changed', from, to }
}

function lifecycle(name: string, raw: unknown, context: Context): InboundEvent {
  const providerKey = `${name}:${contentHash(raw)}`
  const conversation = { id: 'channel', kind: 'unknown' } as const
  return {
    ...eventBase({ platform, providerKey, conversation, raw }, context),
    type: 'lifecycle',
    name,
  }
}

function providerError(error: JsonObject) {
  const code = asString(error.code)
  const title = asString(error.title)
  const detail = asString(asObject(error.error_data)?.details) ?? asString(error.message)
  return { ...(code && { code }), ...(title && { title }), ...(detail && { detail }) }
}
