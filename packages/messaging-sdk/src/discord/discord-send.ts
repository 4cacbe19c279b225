import { createHash } from 'node:crypto'
import type { Channel } from '../integration-config.ts'
import { asObject, asString, type JsonObject } from '../json-value.ts'
import type { OutboundMessage, OutboundPart, OutboundReaction } from '../outbound-message.ts'
import type { SendContext } from '../platform-adapter.ts'
import type { PlatformAnswer } from '../platform-request.ts'
import { beforeSending } from '../refused-outcome.ts'
import type { SendOutcome } from '../send-outcome.ts'
import { refusal } from '../send-refusal.ts'
import { callDiscord } from './discord-api.ts'
import { type DiscordContent, discordContent } from './discord-content.ts'
import type { DiscordCredentials } from './discord-credentials.ts'
import { discordFailure } from './discord-errors.ts'

/** One part on its way to one channel. */
export interface DiscordSend {
  baseUrl: string
  part: OutboundPart
  message: OutboundMessage
  channel: Channel<DiscordCredentials>
}

/** Sends one part: as a message, a reaction, or a follow-up of an interaction. */
export async function sendDiscord(send: DiscordSend, context: SendContext): Promise<SendOutcome> {
  const { baseUrl, part, message, channel } = send
  if (part.type === 'reaction') return sendReaction(send, part, context)
  const chosen = discordContent(part)
  if ('outcome' in chosen) return chosen
  const { credentials } = channel
  // Mentions in somebody's words must not ring everybody.
  const safe = { allowed_mentions: { parse: [] }, ...chosen.content }
  if (message.responseToken) {
    const path = `/webhooks/${segment(credentials.applicationId)}/${segment(message.responseToken)}?wait=true`
    const answer = await callDiscord({ baseUrl, path, ...bodyOf(safe, chosen) }, context)
    return judge(answer, context)
  }
  const chat = await chatOf(send, context)
  if (typeof chat !== 'string') return chat
  const { replyToMessageId } = message
  const json = {
    ...safe,
    nonce: nonceOf(context.idempotencyKey),
    enforce_nonce: true,
    ...(replyToMessageId && {
      message_reference: { message_id: replyToMessageId, fail_if_not_exists: false },
    }),
  }
  const path = `/channels/${segment(chat)}/messages`
  const call = { baseUrl, path, credentials, ...bodyOf(json, chosen) }
  return judge(await callDiscord(call, context), context)
}

const segment = encodeURIComponent

/** Discord keeps a nonce of up to 25 characters for some minutes and answers with the first message. */
function nonceOf(idempotencyKey: string): string {
  return createHash('sha256').update(idempotencyKey).digest('base64url').slice(0, 25)
}

/** A file travels beside the JSON. @see https://docs.discord.com/developers/reference#uploading-files */
function bodyOf(
  json: JsonObject,
  { file }: DiscordContent,
): { json: JsonObject } | { body: FormData } {
  if (!file) return { json }
  const filename = file.filename ?? file.kind
  const form = new FormData()
  form.set('payload_json', JSON.stringify({ ...json, attachments: [{ id: 0, filename }] }))
  const bytes = Buffer.from(file.data ?? '', 'base64')
  form.set('files[0]', new Blob([bytes], file.mime ? { type: file.mime } : {}), filename)
  return { body: form }
}

/** The chat to write to: `to.kind` `user` opens the direct one, which is the same every time. */
async function chatOf(send: DiscordSend, context: SendContext): Promise<string | SendOutcome> {
  const { baseUrl, message, channel } = send
  const { to } = message
  if (to.kind !== 'user') return to.threadId ?? to.id
  const json = { recipient_id: to.id }
  const { credentials } = channel
  const call = { baseUrl, path: '/users/@me/channels', credentials, json }
  const answer = await callDiscord(call, context)
  const id = answer.answered ? asString(asObject(answer.body)?.id) : undefined
  if (id) return id
  return beforeSending(answer.answered ? discordFailure(answer, context.now()) : answer.failure)
}

/** @see https://docs.discord.com/developers/resources/message#create-reaction */
async function sendReaction(
  send: DiscordSend,
  part: OutboundReaction,
  context: SendContext,
): Promise<SendOutcome> {
  if (!part.emoji) {
    const message = 'Discord must be told which reaction to take back: there is no empty emoji'
    return refusal(message, 'MESSAGING_PART_UNSUPPORTED')
  }
  const { baseUrl, message, channel } = send
  const chat = segment(message.to.threadId ?? message.to.id)
  const path = `/channels/${chat}/messages/${segment(part.messageId)}/reactions/${segment(part.emoji)}/@me`
  const call = { baseUrl, path, credentials: channel.credentials, method: 'PUT' }
  const answer = await callDiscord(call, context)
  if (answer.answered && answer.status === 204) return { outcome: 'sent' }
  return judge(answer, context)
}

function judge(answer: PlatformAnswer, context: SendContext): SendOutcome {
  if (!answer.answered) return answer.failure
  const messageId = asString(asObject(answer.body)?.id)
  if (answer.status === 200 && messageId) return { outcome: 'sent', messageId, raw: answer.body }
  return discordFailure(answer, context.now())
}
