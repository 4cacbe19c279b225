import type { ActionInvoked } from '@mortise/messaging-sdk'
import { type Parts, platformOf } from '../parts.ts'

/** Answers a command (`/hello` on Discord or Slack); whoever gave it is waiting. Other actions need no answer. */
export async function answerCommand(event: ActionInvoked, parts: Parts): Promise<void> {
  const { responseToken, conversation, channelId } = event
  if (event.kind !== 'command' || !responseToken) return
  const { name: platform, service } = platformOf(event, parts)
  const command = `/${event.name.replace(/^\//, '')}`
  const text = `Thank you, ${event.from?.name ?? 'somebody'}. You used “${command}”.`
  const idempotencyKey = `answer:${event.id}`
  const to = { id: conversation.id }
  const message = { to, parts: [{ type: 'text' as const, text }], responseToken, idempotencyKey }
  const { outcome, error } = await service.sendMessage(message, { channelId })
  if (error) throw error
  const contact = conversation.id
  parts.conversations.add({ platform, contact, direction: 'in', text: command })
  parts.conversations.add({ platform, contact, direction: 'out', text })
  parts.narrator.step('messaging-sdk', `answer to ${command} ${outcome}`)
}
