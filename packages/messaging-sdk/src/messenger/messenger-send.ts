import type { Channel } from '../integration-config.ts'
import { asObject, asString, type JsonObject } from '../json-value.ts'
import type {
  OutboundButtons,
  OutboundMedia,
  OutboundMessage,
  OutboundPart,
} from '../outbound-message.ts'
import type { SendContext } from '../platform-adapter.ts'
import { beforeSending } from '../refused-outcome.ts'
import type { SendOutcome } from '../send-outcome.ts'
import { refusal, unsupportedPart } from '../send-refusal.ts'
import { callMessenger, type MessengerApi } from './messenger-api.ts'
import type { MessengerCredentials } from './messenger-credentials.ts'
import { messengerFailure } from './messenger-errors.ts'

/** One part on its way to one person. */
export interface MessengerSend {
  api: MessengerApi
  part: OutboundPart
  message: OutboundMessage
  channel: Channel<MessengerCredentials>
}

/** The fields of a message besides its address. */
interface Content {
  content: JsonObject
}

/** Sends one part; a medium given as bytes is uploaded first. */
export async function sendMessenger(
  send: MessengerSend,
  context: SendContext,
): Promise<SendOutcome> {
  const { api, part, message, channel } = send
  const chosen = await contentOf(send, context)
  if ('outcome' in chosen) return chosen
  const { replyToMessageId } = message
  const json = {
    recipient: { id: message.to.id },
    messaging_type: 'RESPONSE',
    ...(replyToMessageId && { reply_to: { mid: replyToMessageId } }),
    // The metadata come back in the echo.
    ...(part.type === 'native'
      ? chosen.content
      : { message: { ...chosen.content, metadata: context.correlationId } }),
  }
  const call = { api, edge: '/messages', credentials: channel.credentials, json }
  const answer = await callMessenger(call, context)
  if (!answer.answered) return answer.failure
  const messageId = asString(asObject(answer.body)?.message_id)
  if (answer.status === 200 && messageId) return { outcome: 'sent', messageId, raw: answer.body }
  return messengerFailure(answer, context.now())
}

/** @see https://developers.facebook.com/docs/messenger-platform/reference/send-api */
async function contentOf(
  send: MessengerSend,
  context: SendContext,
): Promise<Content | SendOutcome> {
  const { part } = send
  switch (part.type) {
    case 'text':
      return { content: { text: part.text } }
    case 'media':
      return mediaContent(send, part, context)
    case 'buttons':
      return buttonsContent(part)
    case 'native':
      return { content: part.body }
    case 'list':
      return unsupportedPart('Messenger', part, 'send `buttons`, or `native` with a template')
    default:
      return unsupportedPart('Messenger', part)
  }
}

/** Buttons that stay with the message; more of them become quick replies, which vanish after one is picked. */
const MAX_TEMPLATE_BUTTONS = 3
/** @see https://developers.facebook.com/docs/messenger-platform/send-messages/quick-replies */
const MAX_QUICK_REPLIES = 13

function buttonsContent(part: OutboundButtons): Content | SendOutcome {
  const text = [part.header, part.text, part.footer].filter(Boolean).join('\n\n')
  if (part.buttons.length <= MAX_TEMPLATE_BUTTONS) {
    const buttons = part.buttons.map(({ id, title, url }) =>
      url ? { type: 'web_url', title, url } : { type: 'postback', title, payload: id },
    )
    const payload = { template_type: 'button', text, buttons }
    return { content: { attachment: { type: 'template', payload } } }
  }
  if (part.buttons.length > MAX_QUICK_REPLIES || part.buttons.some(({ url }) => url)) {
    return refusal(
      `Messenger shows ${MAX_TEMPLATE_BUTTONS} buttons, or ${MAX_QUICK_REPLIES} without addresses; got ${part.buttons.length}`,
      'MESSAGING_PART_UNSUPPORTED',
    )
  }
  const replies = part.buttons.map(({ id, title }) => ({
    content_type: 'text',
    title,
    payload: id,
  }))
  return { content: { text, quick_replies: replies } }
}

const MEDIA_TYPES = { image: 'image', video: 'video', audio: 'audio', document: 'file' } as const

async function mediaContent(
  send: MessengerSend,
  part: OutboundMedia,
  context: SendContext,
): Promise<Content | SendOutcome> {
  if (part.kind === 'sticker') {
    return refusal('Messenger takes no stickers: send an image', 'MESSAGING_PART_UNSUPPORTED')
  }
  if (part.caption) {
    const message = 'Messenger shows no captions: send the caption as a text part of its own'
    return refusal(message, 'MESSAGING_PART_UNSUPPORTED')
  }
  const type = MEDIA_TYPES[part.kind]
  if (part.data !== undefined) return uploadMedia(send, { part, type }, context)
  const payload = part.providerId
    ? { attachment_id: part.providerId }
    : { url: part.url, is_reusable: false }
  return { content: { attachment: { type, payload } } }
}

/** @see https://developers.facebook.com/docs/messenger-platform/reference/attachment-upload-api */
async function uploadMedia(
  { api, channel }: MessengerSend,
  { part, type }: { part: OutboundMedia; type: string },
  context: SendContext,
): Promise<Content | SendOutcome> {
  const body = new FormData()
  body.set('message', JSON.stringify({ attachment: { type, payload: { is_reusable: true } } }))
  const bytes = Buffer.from(part.data ?? '', 'base64')
  const blob = new Blob([bytes], part.mime ? { type: part.mime } : {})
  body.set('filedata', blob, part.filename ?? part.kind)
  const { credentials } = channel
  const call = { api, edge: '/message_attachments', credentials, body }
  const answer = await callMessenger(call, context)
  const id = answer.answered ? asString(asObject(answer.body)?.attachment_id) : undefined
  if (id) return { content: { attachment: { type, payload: { attachment_id: id } } } }
  return beforeSending(answer.answered ? messengerFailure(answer, context.now()) : answer.failure)
}
