import { defined } from '../defined.ts'
import { asArray, asNumber, asObject, asString, type JsonObject } from '../json-value.ts'
import type { MediaPart, MessagePart } from '../message-part.ts'

/** The content of a `message`. Never empty: what has no shape here is `unsupported`. */
export function messengerParts(message: JsonObject): MessagePart[] {
  const text = asString(message.text)
  const picked = asString(asObject(message.quick_reply)?.payload)
  const words: MessagePart | undefined = picked
    ? {
        type: 'interactive.reply',
        source: 'quick_reply',
        id: picked,
        ...defined({ title: text }),
      }
    : text === undefined
      ? undefined
      : { type: 'text', text, format: 'plain' }
  const parts = [...(words ? [words] : []), ...asArray(message.attachments).map(attachment)]
  if (parts.length > 0) return parts
  const reason =
    message.is_unsupported === true ? 'Meta does not show it' : 'no text, no attachment'
  return [{ type: 'unsupported', data: message, reason }]
}

const MEDIA_KINDS = new Map(
  Object.entries<MediaPart['kind']>({
    image: 'image',
    video: 'video',
    audio: 'audio',
    file: 'document',
  }),
)

/** @see https://developers.facebook.com/docs/messenger-platform/reference/webhook-events/messages */
function attachment(value: unknown): MessagePart {
  const type = asString(asObject(value)?.type) ?? ''
  const payload = asObject(asObject(value)?.payload)
  const kind = MEDIA_KINDS.get(type)
  const url = asString(payload?.url)
  if (kind && url) {
    const isSticker = payload?.sticker_id !== undefined
    return { type: 'media', kind: isSticker ? 'sticker' : kind, ref: { url, auth: 'none' } }
  }
  const place = asObject(payload?.coordinates)
  const latitude = asNumber(place?.lat)
  const longitude = asNumber(place?.long)
  if (type === 'location' && latitude !== undefined && longitude !== undefined) {
    return { type: 'location', latitude, longitude }
  }
  const isCard = ['template', 'share', 'ig_reel', 'reel', 'story_mention', 'fallback'].includes(
    type,
  )
  if (isCard) return { type: 'card', data: value, reason: type }
  return {
    type: 'unsupported',
    data: value ?? null,
    reason: `attachment of type ${type || 'missing'}`,
  }
}
