import { defined } from '../defined.ts'
import { contentHash, eventBase, unknownEvent } from '../event-base.ts'
import type { InboundEvent } from '../inbound-event.ts'
import { asObject, asString, type JsonObject } from '../json-value.ts'
import type { RawRequest } from '../raw-request.ts'
import type { Context } from './discord-credentials.ts'
import { discordUser } from './discord-identity.ts'
import { normalizeInteraction } from './discord-interaction.ts'

const platform = 'discord'

/** The application that a request is for. */
export function routeDiscord(request: RawRequest): string[] {
  try {
    const application = asString(asObject(request.json())?.application_id)
    return application ? [application] : []
  } catch {
    return []
  }
}

/**
 * Whether a body is a webhook event, not an interaction. Both have `type` and `version`; only events have
 * type 0, or an `event` object.
 */
export function isWebhookEvent(body: JsonObject): boolean {
  return body.type === 0 || asObject(body.event) !== undefined
}

/** One interaction or one webhook event. */
export function normalizeDiscord(request: RawRequest, context: Context): InboundEvent[] {
  const body = request.json()
  const value = asObject(body)
  if (!value)
    return [unknownEvent({ platform, reason: 'a body that is no object', raw: body }, context)]
  if (isWebhookEvent(value)) return [webhookEvent(value, context)]
  const interaction = normalizeInteraction(value, context)
  if (interaction) return [interaction]
  const reason = `an interaction of type ${asString(value.type) ?? 'missing'} in an unknown shape`
  const id = asString(value.id)
  const providerKey = id ? { providerKey: `interaction:${id}` } : {}
  return [unknownEvent({ platform, reason, raw: value, ...providerKey }, context)]
}

/** Events about the application itself. @see https://docs.discord.com/developers/events/webhook-events */
const LIFECYCLE_EVENTS = new Set([
  'APPLICATION_AUTHORIZED',
  'APPLICATION_DEAUTHORIZED',
  'ENTITLEMENT_CREATE',
  'ENTITLEMENT_UPDATE',
  'ENTITLEMENT_DELETE',
  'QUEST_USER_ENROLLMENT',
])

function webhookEvent(body: JsonObject, context: Context): InboundEvent {
  const event = asObject(body.event)
  const type = asString(event?.type)
  if (!event || !type || !LIFECYCLE_EVENTS.has(type)) {
    const reason = `a webhook event of type ${type ?? 'missing'}`
    return unknownEvent({ platform, reason, raw: body }, context)
  }
  const data = asObject(event.data)
  const actor = discordUser({ user: data?.user })
  const base = eventBase(
    {
      platform,
      providerKey: `event:${contentHash(event)}`, // its time is part of it; Discord gives no id
      conversation: { id: 'channel', kind: 'unknown' },
      occurredAt: isoOf(event.timestamp),
      raw: body,
    },
    context,
  )
  return { ...base, type: 'lifecycle', name: type.toLowerCase(), ...defined({ actor }) }
}

function isoOf(value: unknown): string | undefined {
  const time = Date.parse(asString(value) ?? '')
  return Number.isNaN(time) ? undefined : new Date(time).toISOString()
}
