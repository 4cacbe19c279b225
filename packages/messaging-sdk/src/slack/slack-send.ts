import type { Channel } from '../integration-config.ts'
import { asArray, asObject, asString, type JsonObject } from '../json-value.ts'
import type {
  OutboundButtons,
  OutboundList,
  OutboundMedia,
  OutboundMessage,
  OutboundPart,
  OutboundReaction,
} from '../outbound-message.ts'
import type { SendContext } from '../platform-adapter.ts'
import { callPlatform } from '../platform-request.ts'
import type { SendOutcome } from '../send-outcome.ts'
import { refusal, unsupportedPart } from '../send-refusal.ts'
import { callSlack, isSlackUrl, slackResult } from './slack-api.ts'
import type { SlackCredentials } from './slack-credentials.ts'
import { slackNameOf } from './slack-emoji.ts'
import { slackFailure } from './slack-errors.ts'
import { LIST_ACTION_ID } from './slack-interaction.ts'
import { uploadToSlack } from './slack-upload.ts'

/** One part on its way to one channel. */
export interface SlackSend {
  baseUrl: string
  part: OutboundPart
  message: OutboundMessage
  channel: Channel<SlackCredentials>
}

/** Sends one part: as a message, a file, a reaction, or an answer to an interaction. */
export async function sendSlack(send: SlackSend, context: SendContext): Promise<SendOutcome> {
  const { part, message } = send
  if (part.type === 'reaction') return sendReaction(send, part, context)
  if (part.type === 'media' && part.data !== undefined) return sendFile(send, part, context)
  const chosen = contentOf(part)
  if ('outcome' in chosen) return chosen
  const { content } = chosen
  if (message.responseToken) return respondTo(message.responseToken, content, { send, context })
  const json = { channel: message.to.id, ...threadOf(message), ...content }
  return post(send, { method: 'chat.postMessage', json }, context)
}

/** A reply is a message in the thread of the one that it answers. */
function threadOf(message: OutboundMessage): { thread_ts?: string } {
  const thread = message.to.threadId ?? message.replyToMessageId
  return thread ? { thread_ts: thread } : {}
}

/** The fields of a message besides its address. */
interface Content {
  content: JsonObject
}

/** @see https://docs.slack.dev/reference/methods/chat.postMessage */
function contentOf(part: OutboundPart): Content | SendOutcome {
  switch (part.type) {
    case 'text':
      return part.format === 'markdown'
        ? { content: { markdown_text: part.text } }
        : { content: { text: escapeSlack(part.text), mrkdwn: false } }
    case 'media':
      return imageByLink(part)
    case 'buttons':
      return { content: buttons(part) }
    case 'list':
      return { content: list(part) }
    case 'native':
      return { content: part.body }
    default:
      return unsupportedPart('Slack', part)
  }
}

/** The three characters that mean something in a message. @see https://docs.slack.dev/messaging/formatting-message-text#escaping */
export function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function imageByLink(part: OutboundMedia): Content | SendOutcome {
  if (part.kind !== 'image' || !part.url) {
    return refusal(
      'Slack shows only images by link: give the bytes as `data`',
      'MESSAGING_PART_UNSUPPORTED',
    )
  }
  const alt = part.caption ?? part.filename ?? 'image'
  const image = {
    type: 'image',
    image_url: part.url,
    alt_text: alt,
    ...(part.caption && { title: plain(part.caption) }),
  }
  return { content: { text: escapeSlack(alt), blocks: [image] } }
}

const plain = (text: string) => ({ type: 'plain_text', text })

function textBlocks(part: OutboundButtons | OutboundList): JsonObject[] {
  return [
    ...(part.header ? [{ type: 'header', text: plain(part.header) }] : []),
    { type: 'section', text: plain(part.text) },
    ...(part.footer ? [{ type: 'context', elements: [plain(part.footer)] }] : []),
  ]
}

function buttons(part: OutboundButtons): JsonObject {
  const elements = part.buttons.map(({ id, title, url }) => ({
    type: 'button',
    action_id: id,
    text: plain(title),
    value: id,
    ...(url && { url }),
  }))
  const blocks = [...textBlocks(part), { type: 'actions', elements }]
  return { text: escapeSlack(part.text), blocks }
}

function list(part: OutboundList): JsonObject {
  const groups = part.sections.map(({ title, rows }) => ({
    label: plain(title ?? part.button),
    options: rows.map((row) => ({
      text: plain(row.title),
      value: row.id,
      ...(row.description && { description: plain(row.description) }),
    })),
  }))
  const menu = {
    type: 'static_select',
    action_id: LIST_ACTION_ID,
    placeholder: plain(part.button),
    ...(groups.length === 1 ? { options: groups[0]?.options } : { option_groups: groups }),
  }
  const blocks = [...textBlocks(part), { type: 'actions', elements: [menu] }]
  return { text: escapeSlack(part.text), blocks }
}

/** @see https://docs.slack.dev/reference/methods/reactions.add */
async function sendReaction(
  send: SlackSend,
  part: OutboundReaction,
  context: SendContext,
): Promise<SendOutcome> {
  const name = slackNameOf(part.emoji)
  if (!name) {
    const hint = part.emoji ? `give Slack's name for ${part.emoji}` : 'Slack must be told which one'
    return refusal(
      `A reaction needs a name: ${hint}, like \`thumbsup\``,
      'MESSAGING_PART_UNSUPPORTED',
    )
  }
  const json = { channel: send.message.to.id, timestamp: part.messageId, name }
  return post(send, { method: 'reactions.add', json }, context)
}

async function sendFile(
  send: SlackSend,
  part: OutboundMedia,
  context: SendContext,
): Promise<SendOutcome> {
  const app = { baseUrl: send.baseUrl, credentials: send.channel.credentials }
  const file = await uploadToSlack(app, part, context)
  if ('outcome' in file) return file
  const json = {
    files: [{ id: file.id, title: part.filename ?? part.kind }],
    channel_id: send.message.to.id,
    ...threadOf(send.message),
    ...(part.caption && { initial_comment: escapeSlack(part.caption) }),
  }
  return post(send, { method: 'files.completeUploadExternal', json }, context)
}

async function post(
  send: SlackSend,
  call: { method: string; json: JsonObject },
  context: SendContext,
): Promise<SendOutcome> {
  const { baseUrl, channel } = send
  const request = { baseUrl, credentials: channel.credentials, ...call }
  const answer = await callSlack(request, context)
  if (!answer.answered) return answer.failure
  const result = slackResult(answer)
  if (!result) return slackFailure(answer, context.now())
  const file = asObject(asArray(result.files)[0])
  const messageId = asString(result.ts) ?? asString(file?.id)
  return { outcome: 'sent', ...(messageId && { messageId }), raw: answer.body }
}

/** Answers an interaction through its response URL; whoever has it needs no token. */
async function respondTo(
  responseUrl: string,
  content: JsonObject,
  { send, context }: { send: SlackSend; context: SendContext },
): Promise<SendOutcome> {
  if (!isSlackUrl(responseUrl, send.baseUrl)) {
    return refusal('`responseToken` is no response URL of Slack: pass it as the event gave it')
  }
  const request = { platform: 'Slack', url: responseUrl, json: content }
  const answer = await callPlatform(request, context)
  if (!answer.answered) return answer.failure
  const isTaken = answer.status === 200 && (answer.body === 'ok' || slackResult(answer))
  return isTaken ? { outcome: 'sent', raw: answer.body } : slackFailure(answer, context.now())
}
