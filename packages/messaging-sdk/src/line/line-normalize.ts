import { defined } from '../defined.ts'
import { contentHash, eventBase, isoFromEpoch, unknownEvent } from '../event-base.ts'
import type { Conversation, Identity, InboundEvent, InboundEventBase } from '../inbound-event.ts'
import { asArray, asObject, asString, type JsonObject } from '../json-value.ts'
import type { NormalizeContext } from '../platform-adapter.ts'
import type { RawRequest } from '../raw-request.ts'
import type { LineCredentials } from './line-credentials.ts'
import { lineParts } from './line-parts.ts'

/** The context of a normalisation here. */
export type Context = NormalizeContext<LineCredentials>

const platform = 'line'

/** The bot that a delivery is for. */
export function routeLine(request: RawRequest): string[] {
  try {
    const destination = asString(asObject(request.json())?.destination)
    return destination ? [destination] : []
  } catch {
    return []
  }
}

/** All events of a delivery, in their order. @see https://developers.line.biz/en/reference/messaging-api/#webhook-event-objects */
export function normalizeLine(request: RawRequest, context: Context): InboundEvent[] {
  const payload = request.json()
  const events = asObject(payload)?.events
  if (!Array.isArray(events) || events.length === 0) {
    return [unknownEvent({ platform, reason: 'no events in the delivery', raw: payload }, context)]
  }
  return events.map((raw) => {
    const event = asObject(raw)
    return (event && read(event, context)) ?? unshaped(raw, context)
  })
}

function unshaped(raw: unknown, context: Context): InboundEvent {
  const event = asObject(raw)
  const reason = `an event of type ${asString(event?.type) ?? 'missing'} in an unknown shape`
  const id = asString(event?.webhookEventId)
  const key = id ? { providerKey: id, conversation: conversationOf(event) } : {}
  return unknownEvent({ platform, reason, raw, ...key }, context)
}

/** Events about the relation between bot, people and groups. */
const LIFECYCLE_EVENTS = new Set([
  'follow',
  'unfollow',
  'join',
  'leave',
  'memberJoined',
  'memberLeft',
  'videoPlayComplete',
  'beacon',
  'accountLink',
  'membership',
  'module',
  'activated',
  'deactivated',
  'botSuspended',
  'botResumed',
])

function read(event: JsonObject, context: Context): InboundEvent | undefined {
  const type = asString(event.type) ?? ''
  switch (type) {
    case 'message':
      return received(event, context)
    case 'postback':
      return postback(event, context)
    case 'unsend': {
      const messageId = asString(asObject(event.unsend)?.messageId)
      if (!messageId) return undefined
      const by = senderOf(event)
      return { ...baseOf(event, context), type: 'message.deleted', messageId, ...defined({ by }) }
    }
    default: {
      if (!LIFECYCLE_EVENTS.has(type)) return undefined
      const actor = senderOf(event)
      return { ...baseOf(event, context), type: 'lifecycle', name: type, ...defined({ actor }) }
    }
  }
}

function received(event: JsonObject, context: Context): InboundEvent | undefined {
  const message = asObject(event.message)
  const messageId = asString(message?.id)
  const from = senderOf(event)
  if (!message || !messageId || !from) return undefined
  const quoted = asString(message.quotedMessageId)
  return {
    ...baseOf(event, context),
    type: 'message.received',
    from,
    messageId,
    parts: lineParts(message),
    origin: event.mode === 'standby' ? 'standby' : 'user',
    ...(quoted && { replyTo: { messageId: quoted } }),
    ...answerable(event, context),
  }
}

/** A pressed button; its data is what it was given. */
function postback(event: JsonObject, context: Context): InboundEvent | undefined {
  const body = asObject(event.postback)
  const name = asString(body?.data)
  if (!body || name === undefined) return undefined
  return {
    ...baseOf(event, context),
    type: 'action.invoked',
    kind: 'component',
    name,
    values: body.params ?? {},
    ...defined({ from: senderOf(event) }),
    ...answerable(event, context),
  }
}

/** LINE asks to use a reply token within a minute of receiving it. @see https://developers.line.biz/en/reference/messaging-api/#send-reply-message */
const REPLY_TOKEN_MS = 60_000

function answerable(event: JsonObject, { receivedAt }: Context) {
  const responseToken = asString(event.replyToken)
  if (!responseToken) return {}
  const respondBy = new Date(Date.parse(receivedAt) + REPLY_TOKEN_MS).toISOString()
  return { responseToken, respondBy }
}

function baseOf(event: JsonObject, context: Context): InboundEventBase {
  const isRedelivery = asObject(event.deliveryContext)?.isRedelivery === true
  return eventBase(
    {
      platform,
      providerKey: asString(event.webhookEventId) ?? contentHash({ ...event, deliveryContext: 0 }),
      conversation: conversationOf(event),
      occurredAt: isoFromEpoch(event.timestamp, 'ms'),
      redelivery: isRedelivery ? { reason: 'redelivery' } : undefined,
      raw: event,
    },
    context,
  )
}

function conversationOf(event: JsonObject | undefined): Conversation {
  const source = asObject(event?.source)
  const group = asString(source?.groupId) ?? asString(source?.roomId)
  if (group) return { id: group, kind: 'group' }
  const user = asString(source?.userId)
  return user ? { id: user, kind: 'direct' } : { id: 'unknown', kind: 'unknown' }
}

/** In a group LINE may hide who wrote; then the group itself is all we know. */
function senderOf(event: JsonObject): Identity | undefined {
  const user = asString(asObject(event.source)?.userId)
  if (user) return { ids: [{ kind: 'user', value: user }], primary: user }
  const place = conversationOf(event)
  if (place.kind !== 'group') return undefined
  return { ids: [{ kind: 'chat', value: place.id }], primary: place.id }
}

/** Whether the body has an empty list of events: the console's "Verify" button. */
export function isLineVerification(request: RawRequest): boolean {
  try {
    const payload = asObject(request.json())
    return Array.isArray(payload?.events) && asArray(payload.events).length === 0
  } catch {
    return false // not ours to judge: normalising will
  }
}
