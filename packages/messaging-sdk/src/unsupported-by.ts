import { PermanentError } from '@mortise/errors'
import type { IntegrationAdapter } from './integration-adapter.ts'
import type { OutboundMessage, OutboundPart } from './outbound-message.ts'
import type { SendOutcome } from './send-outcome.ts'

/** Why a platform cannot send this, before anything leaves; `undefined` when it can. */
export function unsupportedBy(
  adapter: Pick<IntegrationAdapter, 'capabilities' | 'displayName'>,
  message: OutboundMessage,
): SendOutcome | undefined {
  const problem = problemOf(adapter, message)
  if (!problem) return undefined
  const error = new PermanentError(problem, {
    code: 'MESSAGING_PART_UNSUPPORTED',
    outcome: 'not_sent',
  })
  return { outcome: 'permanent', error }
}

function problemOf(
  adapter: Pick<IntegrationAdapter, 'capabilities' | 'displayName'>,
  message: OutboundMessage,
): string | undefined {
  const { capabilities, displayName } = adapter
  if (message.replyToMessageId && !capabilities.replies) {
    return `${displayName} cannot quote a message: leave out replyToMessageId`
  }
  for (const [index, part] of message.parts.entries()) {
    const problem = problemOfPart(adapter, part)
    if (problem) return `parts[${index}]: ${problem}`
  }
  return undefined
}

function problemOfPart(
  { capabilities, displayName }: Pick<IntegrationAdapter, 'capabilities' | 'displayName'>,
  part: OutboundPart,
): string | undefined {
  const { send, media, limits } = capabilities
  if (!send.includes(part.type)) {
    return `${displayName} cannot send ${part.type}; it can send ${send.join(', ')}`
  }
  if (part.type === 'media') {
    if (part.data !== undefined && !media.upload) return `${displayName} takes media by url only`
    if (part.url !== undefined && !media.link) return `${displayName} takes no media by url`
  }
  const text = part.type === 'text' ? part.text : undefined
  if (text !== undefined && limits?.textLength !== undefined && text.length > limits.textLength) {
    return `text has ${text.length} characters, and ${displayName} takes ${limits.textLength}`
  }
  if (part.type === 'buttons' && limits?.buttons !== undefined) {
    const count = part.buttons.length
    if (count > limits.buttons) {
      return `${count} buttons, and ${displayName} takes ${limits.buttons}: use a list`
    }
  }
  return undefined
}
