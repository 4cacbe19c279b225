import { defined } from '../defined.ts'
import { asArray, asNumber, asObject, asString, type JsonObject } from '../json-value.ts'
import type { MediaPart, MessagePart, TextEntity } from '../message-part.ts'

/** The content of a `message`. Never empty: what has no shape here is `unsupported`. */
export function lineParts(message: JsonObject): MessagePart[] {
  const type = asString(message.type) ?? ''
  const part = readers.get(type)?.(message)
  return [part ?? { type: 'unsupported', data: message, reason: `type ${type || 'missing'}` }]
}

/** @see https://developers.line.biz/en/reference/messaging-api/#message-event */
const readers = new Map(
  Object.entries<(message: JsonObject) => MessagePart | undefined>({
    text,
    image: (message) => media('image', message),
    video: (message) => media('video', message),
    audio: (message) => media('audio', message),
    file: (message) => media('document', message),
    location,
    sticker: (message) => ({ type: 'unsupported', data: message, reason: 'sticker' }),
  }),
)

function text(message: JsonObject): MessagePart | undefined {
  const words = asString(message.text)
  if (words === undefined) return undefined
  const mentions = asArray(asObject(message.mention)?.mentionees).flatMap((value) => {
    const mention = asObject(value)
    const offset = asNumber(mention?.index)
    const length = asNumber(mention?.length)
    if (!mention || offset === undefined || length === undefined) return []
    const userId = asString(mention.userId)
    const entity: TextEntity = { type: 'mention', offset, length, ...defined({ userId }) }
    return [entity]
  })
  return {
    type: 'text',
    text: words,
    format: 'plain',
    ...(mentions.length > 0 && { entities: mentions }),
  }
}

/** Content that somebody else hosts comes with its address; LINE's own is fetched by the message's id. */
function media(kind: MediaPart['kind'], message: JsonObject): MediaPart | undefined {
  const provider = asObject(message.contentProvider)
  const url = provider?.type === 'external' ? asString(provider.originalContentUrl) : undefined
  const providerId = asString(message.id)
  if (!url && !providerId) return undefined
  return {
    type: 'media',
    kind,
    ref: url ? { url, auth: 'none' } : { ...defined({ providerId }), auth: 'channel' },
    ...defined({
      filename: asString(message.fileName),
      size: asNumber(message.fileSize),
      durationMs: asNumber(message.duration),
    }),
  }
}

function location(message: JsonObject): MessagePart | undefined {
  const latitude = asNumber(message.latitude)
  const longitude = asNumber(message.longitude)
  if (latitude === undefined || longitude === undefined) return undefined
  const name = asString(message.title)
  const address = asString(message.address)
  return { type: 'location', latitude, longitude, ...defined({ name, address }) }
}
