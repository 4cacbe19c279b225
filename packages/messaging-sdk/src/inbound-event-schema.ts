import { z } from 'zod'
import type { InboundEvent } from './inbound-event.ts'

/*
 * Only what readers rely on is checked; unknown keys pass. Events come from adapters, from hooks of your own,
 * and out of a store that another version may have written.
 */

const id = z.string().min(1)
const instant = z.iso.datetime()

const identity = z.looseObject({
  ids: z.array(z.looseObject({ kind: id, value: id })).min(1),
  primary: id,
})

const part = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('text'),
    text: z.string(),
    format: z.enum(['plain', 'markdown', 'mrkdwn', 'html']),
  }),
  z.looseObject({
    type: z.literal('media'),
    kind: z.enum(['image', 'video', 'audio', 'voice', 'document', 'sticker', 'animation']),
    ref: z.looseObject({ url: id.optional(), providerId: id.optional() }),
  }),
  z.looseObject({ type: z.literal('location'), latitude: z.number(), longitude: z.number() }),
  z.looseObject({ type: z.literal('contact'), phones: z.array(z.string()) }),
  z.looseObject({
    type: z.literal('interactive.reply'),
    source: z.enum(['button', 'list', 'quick_reply', 'flow', 'menu']),
    id,
  }),
  z.looseObject({ type: z.enum(['order', 'poll', 'card', 'unsupported']), data: z.unknown() }),
])

const base = {
  specversion: z.literal(1),
  id,
  platform: id,
  tenantId: id,
  channelId: id,
  conversation: z.looseObject({
    id,
    kind: z.enum(['direct', 'group', 'channel', 'unknown']),
    threadId: id.optional(),
  }),
  occurredAt: instant,
  receivedAt: instant,
  orderKey: id,
}

const event = z.discriminatedUnion('type', [
  z.looseObject({
    ...base,
    type: z.literal('message.received'),
    from: identity,
    to: identity.optional(),
    messageId: id,
    parts: z.array(part).min(1),
    origin: z.enum(['user', 'echo', 'standby']),
  }),
  z.looseObject({
    ...base,
    type: z.literal('message.edited'),
    messageId: id,
    parts: z.array(part),
  }),
  z.looseObject({ ...base, type: z.literal('message.deleted'), messageId: id }),
  z.looseObject({
    ...base,
    type: z.literal('reaction.changed'),
    messageId: id,
    from: identity,
    added: z.array(id),
    removed: z.array(id),
  }),
  z.looseObject({
    ...base,
    type: z.literal('message.status'),
    messageId: id.optional(),
    status: z.enum(['queued', 'sent', 'delivered', 'read', 'played', 'failed']),
    upTo: instant.optional(),
  }),
  z.looseObject({
    ...base,
    type: z.literal('action.invoked'),
    kind: z.enum(['command', 'component', 'modal', 'shortcut', 'autocomplete']),
    name: z.string(),
    respondBy: instant.optional(),
  }),
  z.looseObject({ ...base, type: z.literal('identity.changed'), from: identity, to: identity }),
  z.looseObject({ ...base, type: z.literal('lifecycle'), name: id }),
  z.looseObject({ ...base, type: z.literal('unknown'), reason: z.string() }),
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
  const result = event.safeParse(value)
  if (result.success) return undefined
  const [issue] = result.error.issues
  return `event.${issue?.path.map(String).join('.') ?? ''}: ${issue?.message ?? 'is no event'}`
}
