import { defined } from '../defined.ts'
import { asArray, asNumber, asObject, asString, type JsonObject } from '../json-value.ts'
import type { LocationPart, MediaPart, MessagePart, TextEntity } from '../message-part.ts'

/** The content of a `Message`; empty when it has none that is known here. */
export function telegramParts(message: JsonObject): MessagePart[] {
  const text = asString(message.text)
  if (text !== undefined) return [textPart(text, message.entities)]
  const part = mediaOf(message) ?? otherOf(message)
  return part ? [part] : []
}

function textPart(text: string, entities: unknown): MessagePart {
  const found = asArray(entities).flatMap((entity) => entityOf(entity, text) ?? [])
  return {
    type: 'text',
    text,
    format: 'plain',
    ...(found.length > 0 && { entities: found }),
  }
}

const ENTITY_TYPES = new Map(
  Object.entries<TextEntity['type']>({
    text_mention: 'mention',
    text_link: 'url',
    phone_number: 'phone',
    bot_command: 'command',
    pre: 'code',
  }),
)

/** Telegram counts UTF-16 code units too. @see https://core.telegram.org/bots/api#messageentity */
function entityOf(value: unknown, text: string): TextEntity | undefined {
  const entity = asObject(value)
  const type = asString(entity?.type)
  const offset = asNumber(entity?.offset)
  const length = asNumber(entity?.length)
  if (!entity || !type || offset === undefined || length === undefined) return undefined
  const words = type === 'url' ? text.slice(offset, offset + length) : undefined
  return {
    type: ENTITY_TYPES.get(type) ?? type,
    offset,
    length,
    ...defined({
      url: asString(entity.url) ?? words,
      userId: asString(asObject(entity.user)?.id),
    }),
  }
}

/** The fields of a `Message` that hold a file; an animation also fills `document`, so it comes first. */
const MEDIA_FIELDS: [field: string, kind: MediaPart['kind']][] = [
  ['animation', 'animation'],
  ['video', 'video'],
  ['video_note', 'video'],
  ['voice', 'voice'],
  ['audio', 'audio'],
  ['sticker', 'sticker'],
  ['document', 'document'],
]

function mediaOf(message: JsonObject): MediaPart | undefined {
  const largest = asObject(asArray(message.photo).at(-1))
  if (largest) return mediaPart('image', largest, message)
  for (const [field, kind] of MEDIA_FIELDS) {
    const file = asObject(message[field])
    if (file) return mediaPart(kind, file, message)
  }
  return undefined
}

function mediaPart(
  kind: MediaPart['kind'],
  file: JsonObject,
  message: JsonObject,
): MediaPart | undefined {
  const providerId = asString(file.file_id)
  if (!providerId) return undefined
  const seconds = asNumber(file.duration)
  return {
    type: 'media',
    kind,
    ref: { providerId, auth: 'channel' },
    ...defined({
      mime: asString(file.mime_type),
      size: asNumber(file.file_size),
      filename: asString(file.file_name),
      caption: asString(message.caption),
      width: asNumber(file.width),
      height: asNumber(file.height),
      durationMs: seconds === undefined ? undefined : seconds * 1000,
    }),
  }
}

function otherOf(message: JsonObject): MessagePart | undefined {
  const venue = asObject(message.venue)
  const place = locationOf(venue?.location ?? message.location)
  if (place) {
    return {
      ...place,
      ...defined({ name: asString(venue?.title), address: asString(venue?.address) }),
    }
  }
  const contact = asObject(message.contact)
  if (contact) return contactOf(contact)
  if (message.poll !== undefined) return { type: 'poll', data: message.poll }
  const field = UNSHAPED_FIELDS.find((name) => message[name] !== undefined)
  return field === undefined
    ? undefined
    : { type: 'unsupported', data: message[field], reason: field }
}

/** Content that people send and that has no shape here. */
const UNSHAPED_FIELDS = [
  'dice',
  'game',
  'story',
  'invoice',
  'paid_media',
  'checklist',
  'rich_message',
  'live_photo',
  'giveaway',
  'giveaway_winners',
]

function locationOf(value: unknown): LocationPart | undefined {
  const place = asObject(value)
  const latitude = asNumber(place?.latitude)
  const longitude = asNumber(place?.longitude)
  if (!place || latitude === undefined || longitude === undefined) return undefined
  return {
    type: 'location',
    latitude,
    longitude,
    ...(place.live_period !== undefined && { live: true }),
  }
}

function contactOf(contact: JsonObject): MessagePart {
  const names = [asString(contact.first_name), asString(contact.last_name)]
  const name = names.filter((part) => part !== undefined).join(' ')
  const phone = asString(contact.phone_number)
  return {
    type: 'contact',
    phones: phone ? [phone] : [],
    ...defined({ name: name || undefined, vcard: asString(contact.vcard) }),
  }
}
