import { contentHash, eventBase, isoFromEpoch, unknownEvent } from '../event-base.ts'
import type { InboundEvent, InboundEventBase } from '../inbound-event.ts'
import { asNumber, asObject, asString, type JsonObject } from '../json-value.ts'
import type { RawRequest } from '../raw-request.ts'
import type { Context } from './slack-credentials.ts'
import { normalizeSlackEvent } from './slack-event.ts'
import { normalizeSlackCommand, normalizeSlackInteraction } from './slack-interaction.ts'
import { slackPayload, slackTeam } from './slack-payload.ts'

/** The workspace that a request is about. */
export function routeSlack(request: RawRequest): string[] {
  try {
    const team = slackTeam(slackPayload(request))
    return team ? [team] : []
  } catch {
    return []
  }
}

/** Events, interactions and slash commands. */
export function normalizeSlack(request: RawRequest, context: Context): InboundEvent[] {
  const payload = slackPayload(request)
  switch (payload.kind) {
    case 'event':
      return [callback(payload.value, request, context)]
    case 'interaction':
      return normalizeSlackInteraction(payload.value, context)
    case 'command':
      return [normalizeSlackCommand(payload.value, context)]
    case 'unknown': {
      const reason = 'a body that is no event, interaction or command'
      return [unknownEvent({ platform: 'slack', reason, raw: payload.value }, context)]
    }
  }
}

function callback(value: JsonObject, request: RawRequest, context: Context): InboundEvent {
  const event = asObject(value.event)
  if (value.type === 'app_rate_limited') return rateLimited(value, context)
  if (value.type !== 'event_callback' || !event) {
    const reason = `a request of type ${asString(value.type) ?? 'missing'}`
    return unknownEvent({ platform: 'slack', reason, raw: value }, context)
  }
  const providerKey = `event:${asString(value.event_id) ?? contentHash(event)}`
  const redelivery = redeliveryOf(request)
  return normalizeSlackEvent(
    { event, callback: value, providerKey, ...(redelivery && { redelivery }) },
    context,
  )
}

/** Slack dropped events, because more than 30,000 came in an hour. @see https://docs.slack.dev/apis/events-api#rate-limiting */
function rateLimited(value: JsonObject, context: Context): InboundEvent {
  const base = eventBase(
    {
      platform: 'slack',
      providerKey: `app_rate_limited:${asString(value.minute_rate_limited) ?? contentHash(value)}`,
      conversation: { id: 'channel', kind: 'unknown' },
      occurredAt: isoFromEpoch(value.minute_rate_limited, 's'),
      raw: value,
    },
    context,
  )
  return { ...base, type: 'lifecycle', name: 'app_rate_limited' }
}

function redeliveryOf(request: RawRequest): InboundEventBase['redelivery'] {
  const number = asNumber(request.headers['x-slack-retry-num'])
  if (!number) return undefined
  const reason = request.headers['x-slack-retry-reason']
  return { attempt: number + 1, ...(reason && { reason }) }
}
