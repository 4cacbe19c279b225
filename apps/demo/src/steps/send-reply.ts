import type { MessageReceived } from '@mortise/messaging-sdk'
import type { ContactNote } from '../acme/hooks.ts'
import { type Parts, platformOf } from '../parts.ts'

/** Answers the message, once however often it is handled. Rejects with the send's own error when it fails. */
export async function sendReply(
  event: MessageReceived,
  note: ContactNote | undefined,
  parts: Parts,
): Promise<void> {
  if (!note) return
  const text = answerTo(note)
  const contact = event.conversation.id
  const began = performance.now()
  const { name: platform, service } = platformOf(event, parts)
  const { replies } = service.integration.adapter.capabilities
  const result = await service.sendMessage(
    {
      to: { id: contact },
      parts: [{ type: 'text', text }],
      ...(replies && { replyToMessageId: event.messageId }), // not every platform can quote
      idempotencyKey: `reply:${event.id}`,
    },
    { channelId: event.channelId },
  )
  if (result.error) throw result.error
  const waited = `after ${result.attempts} tries and ${Math.round(performance.now() - began)} ms`
  if (result.outcome === 'sent') {
    parts.conversations.add({ platform, contact, direction: 'out', text })
  }
  parts.narrator.step(
    'messaging-sdk',
    `reply ${result.outcome}${result.attempts > 1 ? ` ${waited}` : ''}`,
  )
}

function answerTo({ name, text, files }: ContactNote): string {
  const what = files.length > 0 ? `your ${files.length === 1 ? 'file' : 'files'}` : `“${text}”`
  return `Thank you, ${name}. We have ${what}.`
}
