import { randomUUID } from 'node:crypto'
import { announceSend } from './announce-send.ts'
import type { MessageSendResult, PartResult, Send, SendOptions } from './send.ts'
import { sendPart } from './send-part.ts'
import { unsupportedBy } from './unsupported-by.ts'

/** Sends every part in order, stops at the first that fails, and always publishes how it ended. */
export async function sendMessage(options: SendOptions): Promise<MessageSendResult> {
  const { integration, message, ctx } = options
  const correlationId = message.correlationId ?? ctx.meta.correlationId ?? randomUUID()
  const send: Send = { ...options, correlationId, startedAt: ctx.now() }
  const messageIds: string[] = []
  const refusal = unsupportedBy(integration.adapter, message)
  let last: PartResult = { outcome: refusal ?? { outcome: 'sent' }, attempts: 0 }
  for (let index = 0; refusal === undefined && index < message.parts.length; index++) {
    last = await sendPart(send, index)
    if (last.outcome.outcome !== 'sent' && last.outcome.outcome !== 'duplicate') break
    if (last.outcome.messageId) messageIds.push(last.outcome.messageId)
  }
  const { outcome, attempts } = last
  const messageId = messageIds.at(-1)
  const result = {
    success: !('error' in outcome),
    outcome: outcome.outcome,
    messageIds,
    correlationId,
    attempts,
    ...(messageId && { messageId }),
    ...('error' in outcome && { error: outcome.error }),
  }
  return { ...result, eventStored: await announceSend(send, result) }
}
