import { PermanentError } from '@mortise/errors'
import type { OutboundPart } from './outbound-message.ts'
import type { SendOutcome } from './send-outcome.ts'

/** A send that ends before anything leaves: the message can never be sent as it is. */
export function refusal(message: string, code = 'INPUT_INVALID'): SendOutcome {
  return { outcome: 'permanent', error: new PermanentError(message, { code, outcome: 'not_sent' }) }
}

/** The refusal of a part that the platform has no form for. */
export function unsupportedPart(
  platform: string,
  part: OutboundPart,
  advice?: string,
): SendOutcome {
  const message = `${platform} has no messages of type ${part.type}: ${advice ?? 'send text, or `native` with the platform’s own body'}`
  return refusal(message, 'MESSAGING_PART_UNSUPPORTED')
}
