import type { Channel } from '../integration-config.ts'
import { asObject, asString, type JsonObject } from '../json-value.ts'
import type {
  OutboundButtons,
  OutboundMedia,
  OutboundMessage,
  OutboundPart,
} from '../outbound-message.ts'
import type { SendContext } from '../platform-adapter.ts'
import type { SendOutcome } from '../send-outcome.ts'
import { refusal, unsupportedPart } from '../send-refusal.ts'
import { callTelegram, type TelegramCall } from './telegram-api.ts'
import type { TelegramCredentials } from './telegram-credentials.ts'
import { telegramFailure } from './telegram-errors.ts'
import { telegramHtml } from './telegram-markdown.ts'

/** One part on its way to one chat. */
export interface TelegramSend {
  baseUrl: string
  part: OutboundPart
  message: OutboundMessage
  channel: Channel<TelegramCredentials>
}

/** A method of the Bot API and what it takes besides the chat. */
interface Method {
  method: string
  fields: JsonObject
  /** A file to upload, under its field's name. */
  file?: { field: string; part: OutboundMedia }
}

/** Sends one part. @see https://core.telegram.org/bots/api#available-methods */
export async function sendTelegram(send: TelegramSend, context: SendContext): Promise<SendOutcome> {
  const { baseUrl, part, message, channel } = send
  const chosen = methodOf(part)
  if ('outcome' in chosen) return chosen
  const fields = { ...addressOf(message, part), ...chosen.fields }
  const call: TelegramCall = {
    baseUrl,
    credentials: channel.credentials,
    method: chosen.method,
    ...(chosen.file ? { form: formOf(fields, chosen.file) } : { json: fields }),
  }
  const answer = await callTelegram(call, context)
  if (!answer.answered) return answer.failure
  const body = asObject(answer.body)
  if (answer.status !== 200 || body?.ok !== true) return telegramFailure(answer, context.now())
  const messageId = asString(asObject(body.result)?.message_id)
  return { outcome: 'sent', ...(messageId && { messageId }), raw: answer.body }
}

/** Where to: `<business connection>:<chat>` speaks for a business account. */
function addressOf(message: OutboundMessage, part: OutboundPart): JsonObject {
  const [, connection, chat] = /^(?:(.+):)?([^:]+)$/.exec(message.to.id) ?? []
  const isReaction = part.type === 'reaction'
  const thread = Number(message.to.threadId)
  const reply = Number(message.replyToMessageId)
  return {
    chat_id: chat ?? message.to.id,
    ...(connection && { business_connection_id: connection }),
    ...(!isReaction && Number.isInteger(thread) && { message_thread_id: thread }),
    ...(!isReaction &&
      Number.isInteger(reply) && {
        reply_parameters: { message_id: reply, allow_sending_without_reply: true },
      }),
  }
}

function methodOf(part: OutboundPart): Method | SendOutcome {
  switch (part.type) {
    case 'text':
      return { method: 'sendMessage', fields: textFields(part.text, part.format) }
    case 'media':
      return mediaMethod(part)
    case 'location': {
      const { latitude, longitude, name, address } = part
      return name && address
        ? { method: 'sendVenue', fields: { latitude, longitude, title: name, address } }
        : { method: 'sendLocation', fields: { latitude, longitude } }
    }
    case 'buttons':
      return buttonsMethod(part)
    case 'reaction': {
      const reaction = part.emoji ? [{ type: 'emoji', emoji: part.emoji }] : []
      return {
        method: 'setMessageReaction',
        fields: { message_id: Number(part.messageId), reaction },
      }
    }
    case 'native': {
      const { method, ...fields } = part.body
      return { method: asString(method) ?? 'sendMessage', fields }
    }
    case 'list':
      return unsupportedPart('Telegram', part, 'send `buttons`, each becomes a row of its own')
    case 'template':
      return unsupportedPart('Telegram', part)
  }
}

function textFields(text: string, format: 'plain' | 'markdown' = 'plain'): JsonObject {
  return format === 'markdown' ? { text: telegramHtml(text), parse_mode: 'HTML' } : { text }
}

/** The method of each kind, and the field that names the file. */
const MEDIA_METHODS = {
  image: ['sendPhoto', 'photo'],
  video: ['sendVideo', 'video'],
  audio: ['sendAudio', 'audio'],
  document: ['sendDocument', 'document'],
  sticker: ['sendSticker', 'sticker'],
} as const satisfies Record<OutboundMedia['kind'], readonly [string, string]>

function mediaMethod(part: OutboundMedia): Method | SendOutcome {
  const [method, field] = MEDIA_METHODS[part.kind]
  const caption = part.kind !== 'sticker' && part.caption ? { caption: part.caption } : {}
  if (part.data !== undefined) return { method, fields: caption, file: { field, part } }
  const source = part.providerId ?? part.url
  if (!source) return refusal('A medium needs `url`, `providerId` or `data`')
  return { method, fields: { [field]: source, ...caption } }
}

/** Bytes that a callback button can carry. @see https://core.telegram.org/bots/api#inlinekeyboardbutton */
const MAX_CALLBACK_BYTES = 64

function buttonsMethod(part: OutboundButtons): Method | SendOutcome {
  const long = part.buttons.find(
    ({ id, url }) => !url && Buffer.byteLength(id) > MAX_CALLBACK_BYTES,
  )
  if (long) {
    return refusal(
      `The id of button "${long.title}" has ${Buffer.byteLength(long.id)} bytes; Telegram carries ${MAX_CALLBACK_BYTES}`,
    )
  }
  const rows = part.buttons.map(({ id, title, url }) => [
    url ? { text: title, url } : { text: title, callback_data: id },
  ])
  const text = [part.header, part.text, part.footer].filter(Boolean).join('\n\n')
  return { method: 'sendMessage', fields: { text, reply_markup: { inline_keyboard: rows } } }
}

/** Uploads travel as a form; objects in it are JSON. @see https://core.telegram.org/bots/api#sending-files */
function formOf(fields: JsonObject, file: NonNullable<Method['file']>): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) {
    form.set(name, typeof value === 'object' ? JSON.stringify(value) : String(value))
  }
  const { data = '', mime, filename, kind } = file.part
  const blob = new Blob([Buffer.from(data, 'base64')], mime ? { type: mime } : {})
  form.set(file.field, blob, filename ?? kind)
  return form
}
