import { asArray, asNumber, asObject, asString, type JsonObject } from '../json-value.ts'
import type { MediaPart, MessagePart } from '../message-part.ts'

/** The content of a message element. Never empty: what has no shape here is `unsupported`. */
export function partsOf(element: JsonObject): MessagePart[] {
  const type = asString(element.type) ?? ''
  const body = asObject(element[type]) ?? {}
  const part = readers.get(type)?.(body, element)
  const parts = part ? [part].flat() : []
  return parts.length > 0 ? parts : [unsupported(element, type)]
}

type Reader = (body: JsonObject, element: JsonObject) => MessagePart | MessagePart[] | undefined

const readers = new Map(
  Object.entries<Reader>({
    text: (body) => {
      const text = asString(body.body)
      return text === undefined ? undefined : { type: 'text', text, format: 'plain' }
    },
    image: (body) => media('image', body),
    video: (body) => media('video', body),
    audio: (body) => media(body.voice === true ? 'voice' : 'audio', body),
    document: (body) => media('document', body),
    sticker: (body) => media('sticker', body),
    location: (body) => {
      const latitude = asNumber(body.latitude)
      const longitude = asNumber(body.longitude)
      if (latitude === undefined || longitude === undefined) return undefined
      const name = asString(body.name)
      const address = asString(body.address)
      return {
        type: 'location',
        latitude,
        longitude,
        ...(name && { name }),
        ...(address && { address }),
      }
    },
    contacts: (_body, element) => asArray(element.contacts).map(contact),
    button: (body) => reply('button', body.payload ?? body.text, body.text),
    interactive: (body) => interactive(body),
    order: (body) => ({ type: 'order', data: body }),
  }),
)

function media(kind: MediaPart['kind'], body: JsonObject): MediaPart | undefined {
  const providerId = asString(body.id)
  const url = asString(body.url)
  if (!providerId && !url) return undefined
  const mime = asString(body.mime_type)
  const sha256 = asString(body.sha256)
  const filename = asString(body.filename)
  const caption = asString(body.caption)
  return {
    type: 'media',
    kind: kind === 'sticker' && body.animated === true ? 'animation' : kind,
    ref: { ...(url && { url }), ...(providerId && { providerId }), auth: 'channel' },
    ...(mime && { mime }),
    ...(sha256 && { sha256 }),
    ...(filename && { filename }),
    ...(caption && { caption }),
  }
}

function contact(value: unknown): MessagePart {
  const card = asObject(value) ?? {}
  const name = asString(asObject(card.name)?.formatted_name)
  const phones = asArray(card.phones).flatMap((phone) => asString(asObject(phone)?.phone) ?? [])
  return { type: 'contact', ...(name && { name }), phones }
}

function interactive(body: JsonObject): MessagePart | undefined {
  const button = asObject(body.button_reply)
  if (button) return reply('button', button.id, button.title)
  const row = asObject(body.list_reply)
  if (row) return reply('list', row.id, row.title)
  const flow = asObject(body.nfm_reply)
  if (!flow) return undefined
  return {
    type: 'interactive.reply',
    source: 'flow',
    id: asString(flow.name) ?? 'flow',
    data: flow.response_json,
  }
}

function reply(source: 'button' | 'list', id: unknown, title: unknown): MessagePart | undefined {
  const value = asString(id)
  const label = asString(title)
  if (!value) return undefined
  return { type: 'interactive.reply', source, id: value, ...(label && { title: label }) }
}

function unsupported(element: JsonObject, type: string): MessagePart {
  const error = asObject(asArray(element.errors)[0])
  const reason = asString(error?.title) ?? `type ${type || 'missing'}`
  return { type: 'unsupported', data: element, reason }
}
