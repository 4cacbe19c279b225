import { contentHash, eventBase, isoFromEpoch, unknownEvent } from '../event-base.ts'
import type { InboundEvent } from '../inbound-event.ts'
import { asList, asObject, asString, type JsonObject } from '../json-value.ts'
import type { RawRequest } from '../raw-request.ts'
import type { Context } from './messenger-credentials.ts'
import { normalizeMessaging } from './messenger-messaging.ts'

type MetaPlatform = 'messenger' | 'instagram'

/** The pages or accounts that a delivery is for. */
export function routeMessenger(request: RawRequest): string[] {
  try {
    const ids = asList(asObject(request.json())?.entry).map((entry) =>
      asString(asObject(entry)?.id),
    )
    return [...new Set(ids.filter((id) => id !== undefined))]
  } catch {
    return []
  }
}

/** All entries, all messaging and standby elements, all changes, in their order. */
export function normalizeMessenger(request: RawRequest, context: Context): InboundEvent[] {
  const payload = request.json()
  const platform = asObject(payload)?.object === 'instagram' ? 'instagram' : 'messenger'
  const entries = asList(asObject(payload)?.entry)
  if (entries.length === 0) {
    return [unknownEvent({ platform, reason: 'no entries in the delivery', raw: payload }, context)]
  }
  const { hint } = context
  // What names no page is for the first one of the delivery, so that it is not lost.
  const [first] = routeMessenger(request)
  return entries
    .filter((entry) => hint === undefined || hint === (asString(asObject(entry)?.id) ?? first))
    .flatMap((entry) => normalizeEntry(entry, platform, context))
}

function normalizeEntry(raw: unknown, platform: MetaPlatform, context: Context): InboundEvent[] {
  const entry = asObject(raw) ?? {}
  const events = [
    ...asList(entry.messaging).flatMap((item) => messaging(item, false, platform, context)),
    ...asList(entry.standby).flatMap((item) => messaging(item, true, platform, context)),
    ...asList(entry.changes).map((item) => change(item, { entry, platform }, context)),
  ]
  if (events.length > 0) return events
  return [unknownEvent({ platform, reason: 'an entry without anything known', raw }, context)]
}

function messaging(
  raw: unknown,
  isStandby: boolean,
  platform: MetaPlatform,
  context: Context,
): InboundEvent[] {
  const element = asObject(raw)
  if (element) return normalizeMessaging({ platform, element, isStandby }, context)
  return [unknownEvent({ platform, reason: 'a messaging element that is no object', raw }, context)]
}

/** Comments, mentions, posts: news of the page, each field its own name. */
function change(
  raw: unknown,
  { entry, platform }: { entry: JsonObject; platform: MetaPlatform },
  context: Context,
): InboundEvent {
  const field = asString(asObject(raw)?.field)
  if (!field) return unknownEvent({ platform, reason: 'a change without field', raw }, context)
  const base = eventBase(
    {
      platform,
      providerKey: `${field}:${contentHash(raw)}`,
      conversation: { id: 'channel', kind: 'unknown' },
      // Instagram counts in seconds here, Facebook in milliseconds.
      occurredAt: isoFromEpoch(entry.time, Number(entry.time) < 1e11 ? 's' : 'ms'),
      raw,
    },
    context,
  )
  return { ...base, type: 'lifecycle', name: field }
}
