import type { MessageReceived } from './inbound-event.ts'
import type { MediaPart, MessagePart } from './message-part.ts'
import type { OutboundMedia, OutboundMessage, OutboundPart } from './outbound-message.ts'

/** One message in the original's shape: one text or one file between two parties. */
export interface NormalizedMessage {
  id: string
  conversationId: string
  from: { id: string; name?: string }
  to: { id: string; name?: string }
  content: {
    type: 'TEXT' | 'FILE' | (string & {})
    text?: string
    media?: { url: string; mimeType?: string }
  }
  /** Milliseconds since 1970. */
  timestamp: number
  platform: string
  metadata?: Record<string, unknown>
}

/** The original's view of a received message. Lossy: the first file wins, `parts` of the event has all. */
export function toNormalizedMessage(event: MessageReceived): NormalizedMessage {
  const media = event.parts.find((part) => part.type === 'media')
  const text = textOf(event.parts)
  return {
    id: event.messageId,
    conversationId: event.conversation.id,
    from: { id: event.from.primary, ...(event.from.name && { name: event.from.name }) },
    to: { id: event.to?.primary ?? event.channelId },
    content: {
      type: media ? 'FILE' : 'TEXT',
      ...(text !== undefined && { text }),
      ...(media && { media: mediaContent(media) }),
    },
    timestamp: Date.parse(event.occurredAt),
    platform: event.platform,
  }
}

/** The same message as something to send. */
export function fromNormalizedMessage(message: NormalizedMessage): OutboundMessage {
  const { text, media } = message.content
  const parts: OutboundPart[] = media
    ? [{ ...outboundMedia(media), ...(text && { caption: text }) }]
    : [{ type: 'text', text: text ?? '' }]
  return {
    to: { id: message.to.id },
    parts,
    ...(message.metadata && { metadata: message.metadata }),
  }
}

/** Whether a value has the original's message shape. */
export function isNormalizedMessage(value: unknown): value is NormalizedMessage {
  const candidate = value as Partial<NormalizedMessage> | null
  return (
    typeof candidate === 'object' &&
    candidate !== null &&
    typeof candidate.content === 'object' &&
    candidate.content !== null &&
    typeof candidate.to === 'object' &&
    candidate.to !== null
  )
}

function textOf(parts: MessagePart[]): string | undefined {
  for (const part of parts) {
    if (part.type === 'text') return part.text
    if (part.type === 'media' && part.caption) return part.caption
    if (part.type === 'interactive.reply') return part.title ?? part.id
  }
  return undefined
}

function mediaContent(part: MediaPart): { url: string; mimeType?: string } {
  const url = part.ref.url ?? part.ref.providerId ?? ''
  return { url, ...(part.mime && { mimeType: part.mime }) }
}

function outboundMedia(media: { url: string; mimeType?: string }): OutboundMedia {
  const family = media.mimeType?.split('/')[0]
  const kind = family === 'image' || family === 'video' || family === 'audio' ? family : 'document'
  const source = URL.canParse(media.url) ? { url: media.url } : { providerId: media.url }
  return { type: 'media', kind, ...source, ...(media.mimeType && { mime: media.mimeType }) }
}
