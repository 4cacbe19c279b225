import type { Channel } from '../integration-config.ts'
import { asObject, asString } from '../json-value.ts'
import type { OutboundMedia, OutboundMessage, OutboundPart } from '../outbound-message.ts'
import type { SendContext } from '../platform-adapter.ts'
import type { SendOutcome } from '../send-outcome.ts'
import { refusal, unsupportedPart } from '../send-refusal.ts'
import { callTwilio } from './twilio-api.ts'
import type { TwilioCredentials } from './twilio-credentials.ts'
import { twilioFailure } from './twilio-errors.ts'

/** One part on its way to one number. */
export interface TwilioSend {
  baseUrl: string
  statusCallback?: string | undefined
  part: OutboundPart
  message: OutboundMessage
  channel: Channel<TwilioCredentials>
}

/** The fields of a message besides its addresses. */
interface Content {
  fields: Record<string, string>
}

/** Sends one part. @see https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource */
export async function sendTwilio(send: TwilioSend, context: SendContext): Promise<SendOutcome> {
  const { baseUrl, statusCallback, part, message, channel } = send
  const { credentials } = channel
  if (message.replyToMessageId) {
    return refusal(
      'Twilio quotes no messages: leave out replyToMessageId',
      'MESSAGING_PART_UNSUPPORTED',
    )
  }
  const chosen = contentOf(part)
  if ('outcome' in chosen) return chosen
  const { from } = credentials
  const form = {
    To: addressOf(message.to.id, from),
    ...(from.startsWith('MG') ? { MessagingServiceSid: from } : { From: from }),
    ...(statusCallback && { StatusCallback: statusCallback }),
    ...chosen.fields,
  }
  const call = { baseUrl, credentials, path: '/Messages.json', form }
  const answer = await callTwilio(call, context)
  if (!answer.answered) return answer.failure
  const messageId = asString(asObject(answer.body)?.sid)
  if (answer.status === 201 && messageId) return { outcome: 'sent', messageId, raw: answer.body }
  return twilioFailure(answer, context.now())
}

/** Both sides speak the same channel: a WhatsApp sender writes to `whatsapp:` addresses. */
function addressOf(to: string, from: string): string {
  const channel = /^(\w+):/.exec(from)?.[1]
  return channel && !to.includes(':') ? `${channel}:${to}` : to
}

function contentOf(part: OutboundPart): Content | SendOutcome {
  switch (part.type) {
    case 'text':
      return { fields: { Body: part.text } }
    case 'media':
      return mediaContent(part)
    case 'template': {
      const [variables] = part.components ?? []
      const values = variables ? { ContentVariables: JSON.stringify(variables) } : {}
      return { fields: { ContentSid: part.name, ...values } }
    }
    case 'native':
      return {
        fields: Object.fromEntries(
          Object.entries(part.body).map(([name, value]) => [name, textOf(value)]),
        ),
      }
    case 'buttons':
    case 'list':
      return unsupportedPart('Twilio', part, 'send a content template (`template`)')
    default:
      return unsupportedPart('Twilio', part)
  }
}

function mediaContent(part: OutboundMedia): Content | SendOutcome {
  if (!part.url) {
    const message = 'Twilio fetches media itself: give a public `url`'
    return refusal(message, 'MESSAGING_PART_UNSUPPORTED')
  }
  return { fields: { MediaUrl: part.url, ...(part.caption && { Body: part.caption }) } }
}

function textOf(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
