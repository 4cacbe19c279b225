import { PermanentError } from '@mortise/errors'
import type { Channel } from '../integration-config.ts'
import { asArray, asObject, asString, type JsonObject } from '../json-value.ts'
import type { OutboundMedia, OutboundMessage, OutboundPart } from '../outbound-message.ts'
import type { SendContext } from '../platform-adapter.ts'
import { beforeSending } from '../refused-outcome.ts'
import type { SendOutcome } from '../send-outcome.ts'
import type { WhatsAppCredentials } from './whatsapp-credentials.ts'
import { whatsAppFailure } from './whatsapp-errors.ts'
import { callGraph, type GraphApi } from './whatsapp-graph.ts'

/** One part on its way to one number. */
export interface WhatsAppSend {
  api: GraphApi
  part: OutboundPart
  message: OutboundMessage
  channel: Channel<WhatsAppCredentials>
}

/** Sends one part; a medium given as bytes is uploaded first. */
export async function sendWhatsApp(send: WhatsAppSend, context: SendContext): Promise<SendOutcome> {
  const { api, part, message, channel } = send
  let content: JsonObject
  if (part.type === 'media' && part.data !== undefined) {
    const upload = await uploadMedia(send, part, context)
    if ('outcome' in upload) return upload
    content = mediaContent(part, { id: upload.id })
  } else {
    content = contentOf(part)
  }
  const json = {
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    ...(message.to.kind === 'bsuid' ? { recipient: message.to.id } : { to: message.to.id }),
    ...(message.replyToMessageId && { context: { message_id: message.replyToMessageId } }),
    biz_opaque_callback_data: context.correlationId,
    ...content,
  }
  const path = `${encodeURIComponent(channel.credentials.phoneNumberId)}/messages`
  const answer = await callGraph({ api, path, credentials: channel.credentials, json }, context)
  if (!answer.answered) return answer.failure
  const id = asString(asObject(asArray(asObject(answer.body)?.messages)[0])?.id)
  if (answer.status === 200 && id) return { outcome: 'sent', messageId: id, raw: answer.body }
  return whatsAppFailure(answer, context.now())
}

/** @see https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages */
function contentOf(part: OutboundPart): JsonObject {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: { body: part.text, preview_url: true } }
    case 'media':
      return mediaContent(part, part.providerId ? { id: part.providerId } : { link: part.url })
    case 'location': {
      const { type, ...location } = part
      return { type, location }
    }
    case 'reaction':
      return {
        type: 'reaction',
        reaction: { message_id: part.messageId, emoji: part.emoji },
      }
    case 'template':
      return {
        type: 'template',
        template: {
          name: part.name,
          language: { code: part.language },
          ...(part.components && { components: part.components }),
        },
      }
    case 'buttons':
      return interactive(part, {
        type: 'button',
        action: {
          buttons: part.buttons.map(({ id, title }) => ({ type: 'reply', reply: { id, title } })),
        },
      })
    case 'list':
      return interactive(part, {
        type: 'list',
        action: {
          button: part.button,
          sections: part.sections.map(({ title, rows }) => ({
            ...(title && { title }),
            rows: rows.map((row) => ({
              id: row.id,
              title: row.title,
              ...(row.description && { description: row.description }),
            })),
          })),
        },
      })
    case 'native':
      return part.body
  }
}

function interactive(
  part: { text: string; header?: string; footer?: string },
  rest: JsonObject,
): JsonObject {
  return {
    type: 'interactive',
    interactive: {
      ...rest,
      body: { text: part.text },
      ...(part.header && { header: { type: 'text', text: part.header } }),
      ...(part.footer && { footer: { text: part.footer } }),
    },
  }
}

function mediaContent(part: OutboundMedia, source: JsonObject): JsonObject {
  const captioned = part.kind === 'image' || part.kind === 'video' || part.kind === 'document'
  return {
    type: part.kind,
    [part.kind]: {
      ...source,
      ...(captioned && part.caption && { caption: part.caption }),
      ...(part.kind === 'document' && part.filename && { filename: part.filename }),
    },
  }
}

async function uploadMedia(
  send: WhatsAppSend,
  part: OutboundMedia,
  context: SendContext,
): Promise<{ id: string } | SendOutcome> {
  const { api, channel } = send
  if (!part.mime) {
    const message = 'An upload needs `mime`: say what the bytes of `data` are'
    return { outcome: 'permanent', error: new PermanentError(message, { code: 'INPUT_INVALID' }) }
  }
  const body = new FormData()
  body.set('messaging_product', 'whatsapp')
  body.set('type', part.mime)
  const bytes = Buffer.from(part.data ?? '', 'base64')
  body.set('file', new Blob([bytes], { type: part.mime }), part.filename ?? 'file')
  const path = `${encodeURIComponent(channel.credentials.phoneNumberId)}/media`
  const answer = await callGraph({ api, path, credentials: channel.credentials, body }, context)
  const id = answer.answered ? asString(asObject(answer.body)?.id) : undefined
  if (id) return { id }
  return beforeSending(answer.answered ? whatsAppFailure(answer, context.now()) : answer.failure)
}
