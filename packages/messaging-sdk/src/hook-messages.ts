import { eventBase, unknownEvent } from './event-base.ts'
import type { InboundEvent } from './inbound-event.ts'
import { inboundEventProblem } from './inbound-event-schema.ts'
import type { Channel } from './integration-config.ts'
import type { MessagePart } from './message-part.ts'
import type { NormalizedMessage } from './normalized-message.ts'
import type { OutboundMessage, OutboundPart } from './outbound-message.ts'
import type { NormalizeContext } from './platform-adapter.ts'

function received(
  message: NormalizedMessage,
  options: { platform: string; context: NormalizeContext<unknown> },
): InboundEvent {
  const { platform, context } = options
  const { text, media } = message.content
  const parts: MessagePart[] = [
    ...(text === undefined ? [] : [{ type: 'text', text, format: 'plain' } as const]),
    ...(media ? [mediaPart(media)] : []),
  ]
  const base = eventBase(
    {
      platform,
      providerKey: message.id,
      conversation: { id: message.conversationId, kind: 'unknown' },
      occurredAt: new Date(message.timestamp).toISOString(),
      raw: message,
    },
    context,
  )
  const party = ({ id, name }: NormalizedMessage['from']) => ({
    ids: [{ kind: 'user', value: id }],
    primary: id,
    ...(name && { name }),
  })
  return {
    ...base,
    type: 'message.received',
    from: party(message.from),
    to: party(message.to),
    messageId: message.id,
    parts,
    origin: 'user',
  }
}

/** What a hook of your own answers is checked; what is wrong is kept as an unknown event. */
export function eventFromHook(
  message: NormalizedMessage | InboundEvent,
  options: { platform: string; context: NormalizeContext<unknown> },
): InboundEvent {
  const { platform, context } = options
  let problem: string | undefined
  try {
    const event = 'specversion' in message ? message : received(message, options)
    problem = inboundEventProblem(event)
    if (problem === undefined) return event
  } catch (error) {
    problem = error instanceof Error ? error.message : String(error)
  }
  return unknownEvent({ platform, reason: `normalize: ${problem}`, raw: message }, context)
}

function mediaPart(media: { url: string; mimeType?: string }): MessagePart {
  const ref = URL.canParse(media.url) ? { url: media.url } : { providerId: media.url }
  const family = media.mimeType?.split('/')[0]
  const kind = family === 'image' || family === 'video' || family === 'audio' ? family : 'document'
  return { type: 'media', kind, ref, ...(media.mimeType && { mime: media.mimeType }) }
}

/** One part in the original's shape, for a `sendMessage` hook. */
export function messageForHook(
  part: OutboundPart,
  options: {
    message: OutboundMessage
    channel: Channel<unknown>
    platform: string
    context: { now: () => number; idempotencyKey: string }
  },
): NormalizedMessage {
  const { message, channel, platform, context } = options
  const text = part.type === 'text' ? part.text : part.type === 'media' ? part.caption : undefined
  const url = part.type === 'media' ? (part.url ?? part.providerId) : undefined
  const mimeType = part.type === 'media' ? part.mime : undefined
  return {
    id: context.idempotencyKey,
    conversationId: message.to.id,
    from: { id: channel.id },
    to: { id: message.to.id },
    content: {
      type: url ? 'FILE' : 'TEXT',
      ...(text !== undefined && { text }),
      ...(url && { media: { url, ...(mimeType && { mimeType }) } }),
    },
    timestamp: context.now(),
    platform,
    ...(message.metadata && { metadata: message.metadata }),
  }
}
