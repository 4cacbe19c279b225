import { defined } from '../defined.ts'
import { asNumber, asString } from '../json-value.ts'
import type { MediaPart, MessagePart } from '../message-part.ts'
import type { TwilioForm } from './twilio-form.ts'

/** The content of an incoming message. Never empty. */
export function twilioParts(form: TwilioForm): MessagePart[] {
  const parts = [...words(form), ...media(form), ...place(form)]
  if (parts.length > 0) return parts
  return [{ type: 'unsupported', data: form, reason: 'a message without text, media or location' }]
}

/** A pressed quick reply or picked row also repeats its title as the body. */
function words(form: TwilioForm): MessagePart[] {
  const pressed = asString(form.ButtonPayload)
  if (pressed) {
    const title = asString(form.ButtonText) ?? asString(form.Body)
    return [{ type: 'interactive.reply', source: 'button', id: pressed, ...defined({ title }) }]
  }
  const picked = asString(form.ListId)
  if (picked) {
    const title = asString(form.ListTitle) ?? asString(form.Body)
    return [{ type: 'interactive.reply', source: 'list', id: picked, ...defined({ title }) }]
  }
  const text = asString(form.Body)
  return text === undefined ? [] : [{ type: 'text', text, format: 'plain' }]
}

/** @see https://www.twilio.com/docs/messaging/guides/accepted-mime-types (no message carries more) */
const MAX_MEDIA = 10

function media(form: TwilioForm): MessagePart[] {
  const told = Math.trunc(asNumber(form.NumMedia) ?? 0)
  const count = Math.min(Math.max(0, told), MAX_MEDIA)
  return Array.from({ length: count }, (_, index): MessagePart => {
    const url = asString(form[`MediaUrl${index}`])
    if (!url) return { type: 'unsupported', data: form, reason: `medium ${index} has no address` }
    const mime = asString(form[`MediaContentType${index}`])
    return {
      type: 'media',
      kind: kindOf(mime),
      ref: { url, auth: 'channel' },
      ...defined({ mime }),
    }
  })
}

function kindOf(mime: string | undefined): MediaPart['kind'] {
  const family = mime?.split('/')[0]
  return family === 'image' || family === 'video' || family === 'audio' ? family : 'document'
}

function place(form: TwilioForm): MessagePart[] {
  const latitude = asNumber(form.Latitude)
  const longitude = asNumber(form.Longitude)
  if (latitude === undefined || longitude === undefined) return []
  const name = asString(form.Label)
  return [
    {
      type: 'location',
      latitude,
      longitude,
      ...defined({ name, address: asString(form.Address) }),
    },
  ]
}
