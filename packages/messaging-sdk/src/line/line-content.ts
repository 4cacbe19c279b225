import type { JsonObject } from '../json-value.ts'
import type { OutboundButtons, OutboundMedia, OutboundPart } from '../outbound-message.ts'
import type { SendOutcome } from '../send-outcome.ts'
import { refusal, unsupportedPart } from '../send-refusal.ts'

/** One message object. */
export interface LineContent {
  content: JsonObject
}

/** @see https://developers.line.biz/en/reference/messaging-api/#message-objects */
export function lineContent(part: OutboundPart): LineContent | SendOutcome {
  switch (part.type) {
    case 'text':
      return { content: { type: 'text', text: part.text } }
    case 'media':
      return media(part)
    case 'location': {
      const { latitude, longitude } = part
      const title = part.name ?? part.address ?? 'Location'
      const address = part.address ?? `${latitude}, ${longitude}`
      return { content: { type: 'location', title, address, latitude, longitude } }
    }
    case 'buttons':
      return buttons(part)
    case 'native':
      return { content: part.body }
    default:
      return unsupportedPart('LINE', part)
  }
}

function media(part: OutboundMedia): LineContent | SendOutcome {
  if (part.caption) {
    const message = 'LINE shows no captions: send the caption as a text part of its own'
    return refusal(message, 'MESSAGING_PART_UNSUPPORTED')
  }
  if (part.kind === 'image' && part.url) {
    const { url } = part
    return { content: { type: 'image', originalContentUrl: url, previewImageUrl: url } }
  }
  const [, packageId, stickerId] = /^(\d+):(\d+)$/.exec(part.providerId ?? '') ?? []
  if (part.kind === 'sticker' && packageId && stickerId) {
    return { content: { type: 'sticker', packageId, stickerId } }
  }
  return refusal(
    `LINE cannot send this ${part.kind}: ${ADVICE[part.kind]}`,
    'MESSAGING_PART_UNSUPPORTED',
  )
}

const ADVICE: Record<OutboundMedia['kind'], string> = {
  image: 'it takes no uploads, give an https `url`',
  video: 'it wants a preview picture too, send `native` with `previewImageUrl`',
  audio: 'it wants the duration too, send `native` with `duration`',
  document: 'it has no files, send a link as text',
  sticker: 'give `providerId` as `packageId:stickerId`',
}

/** Buttons that stay with the message; more of them become quick replies, which vanish after one is picked. */
const MAX_TEMPLATE_BUTTONS = 4
/** @see https://developers.line.biz/en/reference/messaging-api/#quick-reply */
const MAX_QUICK_REPLIES = 13
/** Characters of the text of a buttons template. */
const MAX_TEMPLATE_TEXT = 160

function buttons(part: OutboundButtons): LineContent | SendOutcome {
  const actions = part.buttons.map(({ id, title, url }) =>
    url
      ? { type: 'uri', label: title, uri: url }
      : { type: 'postback', label: title, data: id, displayText: title },
  )
  const text = [part.text, part.footer].filter(Boolean).join('\n\n')
  if (actions.length <= MAX_TEMPLATE_BUTTONS && text.length <= MAX_TEMPLATE_TEXT) {
    const template = { type: 'buttons', ...(part.header && { title: part.header }), text, actions }
    return { content: { type: 'template', altText: part.text, template } }
  }
  if (actions.length > MAX_QUICK_REPLIES) {
    const message = `LINE shows ${MAX_QUICK_REPLIES} buttons, got ${actions.length}`
    return refusal(message, 'MESSAGING_PART_UNSUPPORTED')
  }
  const items = actions.map((action) => ({ type: 'action', action }))
  const words = [part.header, text].filter(Boolean).join('\n\n')
  return { content: { type: 'text', text: words, quickReply: { items } } }
}
