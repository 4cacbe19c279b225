import * as v from 'valibot'
import type { InboundEvent } from './inbound-event.ts'
import { schemaProblem } from './schema-problem.ts'

/*
 * Only what readers rely on is checked; unknown keys pass. Events come from adapters, from hooks of your own,
 * and out of a store that another version may have written.
 */

const id = v.pipe(v.string(), v.nonEmpty('must not be empty'))
const instant = v.pipe(v.string(), v.isoTimestamp('must be an ISO 8601 time'))
const finite = v.pipe(v.number(), v.finite('must be finite'))

const identity = v.looseObject({
  ids: v.pipe(v.array(v.looseObject({ kind: id, value: id })), v.nonEmpty('must not be empty')),
  primary: id,
})

const part = v.variant('type', [
  v.looseObject({
    type: v.literal('text'),
    text: v.string(),
    format: v.picklist(['plain', 'markdown', 'mrkdwn', 'html']),
  }),
  v.looseObject({
    type: v.literal('media'),
    kind: v.picklist(['image', 'video', 'audio', 'voice', 'document', 'sticker', 'animation']),
    ref: v.looseObject({ url: v.optional(id), providerId: v.optional(id) }),
  }),
  v.looseObject({ type: v.literal('location'), latitude: finite, longitude: finite }),
  v.looseObject({ type: v.literal('contact'), phones: v.array(v.string()) }),
  v.looseObject({
    type: v.literal('interactive.reply'),
    source: v.picklist(['button', 'list', 'quick_reply', 'flow', 'menu']),
    id,
  }),
  v.looseObject({
    type: v.picklist(['order', 'poll', 'card', 'unsupported']),
    data: v.optional(v.unknown()),
  }),
])

const base = {
  specversion: v.literal(1),
  id,
  platform: id,
  tenantId: id,
  channelId: id,
  conversation: v.looseObject({
    id,
    kind: v.picklist(['direct', 'group', 'channel', 'unknown']),
    threadId: v.optional(id),
  }),
  occurredAt: instant,
  receivedAt: instant,
  orderKey: id,
}

const event = v.variant('type', [
  v.looseObject({
    ...base,
    type: v.literal('message.received'),
    from: identity,
    to: v.optional(identity),
    messageId: id,
    parts: v.pipe(v.array(part), v.nonEmpty('must not be empty')),
    origin: v.picklist(['user', 'echo', 'standby']),
    respondBy: v.optional(instant),
  }),
  v.looseObject({
    ...base,
    type: v.literal('message.edited'),
    messageId: id,
    parts: v.array(part),
  }),
  v.looseObject({ ...base, type: v.literal('message.deleted'), messageId: id }),
  v.looseObject({
    ...base,
    type: v.literal('reaction.changed'),
    messageId: id,
    from: identity,
    added: v.array(id),
    removed: v.array(id),
  }),
  v.looseObject({
    ...base,
    type: v.literal('message.status'),
    messageId: v.optional(id),
    status: v.picklist(['queued', 'sent', 'delivered', 'read', 'played', 'failed']),
    upTo: v.optional(instant),
  }),
  v.looseObject({
    ...base,
    type: v.literal('action.invoked'),
    kind: v.picklist(['command', 'component', 'modal', 'shortcut', 'autocomplete']),
    name: v.string(),
    respondBy: v.optional(instant),
  }),
  v.looseObject({ ...base, type: v.literal('identity.changed'), from: identity, to: identity }),
  v.looseObject({ ...base, type: v.literal('lifecycle'), name: id }),
  v.looseObject({ ...base, type: v.literal('unknown'), reason: v.string() }),
])

/**
 * Checks an event that comes from outside: a hook of your own, a store, a queue. Unknown keys are kept.
 *
 * @throws {TypeError} naming the field that is missing or wrong.
 */
export function parseInboundEvent(value: unknown): InboundEvent {
  const problem = inboundEventProblem(value)
  if (problem) throw new TypeError(problem)
  return value as InboundEvent
}

/** What is wrong with an event, as a sentence; `undefined` when nothing is. */
export function inboundEventProblem(value: unknown): string | undefined {
  const result = v.safeParse(event, value, { abortEarly: true })
  return result.success ? undefined : schemaProblem('event', result.issues)
}
