import {
  INTEGRATION_CHANNELS,
  type IntegrationEventReceivedPayload,
  type IntegrationMessageSentPayload,
  type MessagePart,
  type Subscription,
} from '@mortise/messaging-sdk'
import { type Parts, platformOf } from './parts.ts'

const { MESSAGE_RECEIVED, MESSAGE_SENT } = INTEGRATION_CHANNELS

/** A second group over the same events, for people: what was written, and that a reply is known as sent. */
export async function startAnnouncer(parts: Parts): Promise<Subscription> {
  const { transport, narrator, conversations } = parts
  const options = { group: 'announcer', channels: [MESSAGE_RECEIVED, MESSAGE_SENT] }
  return await transport.consume(options, async ({ envelope }) => {
    if (envelope.channel === MESSAGE_SENT) {
      const { messageId } = envelope.payload as IntegrationMessageSentPayload
      narrator.step('messaging-sdk', `event message.sent stored for ${messageId}`)
      return
    }
    const { event } = envelope.payload as IntegrationEventReceivedPayload
    if (event.type !== 'message.received' || event.origin !== 'user') return
    const { name: platform } = platformOf(event, parts)
    const text = event.parts.map(wordsOf).join(' ')
    conversations.add({ platform, contact: event.conversation.id, direction: 'in', text })
  })
}

function wordsOf(part: MessagePart): string {
  if (part.type === 'text') return part.text
  return part.type === 'media' ? `[${part.kind}] ${part.caption ?? ''}`.trim() : `[${part.type}]`
}
