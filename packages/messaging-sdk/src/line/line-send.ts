import { createHash } from 'node:crypto'
import type { Channel } from '../integration-config.ts'
import { asObject } from '../json-value.ts'
import type { OutboundMessage, OutboundPart } from '../outbound-message.ts'
import type { SendContext } from '../platform-adapter.ts'
import type { SendOutcome } from '../send-outcome.ts'
import { refusal } from '../send-refusal.ts'
import { callLine, type LineApi } from './line-api.ts'
import { lineContent } from './line-content.ts'
import type { LineCredentials } from './line-credentials.ts'
import { lineFailure, sentId } from './line-errors.ts'

/** One part on its way to one person or group. */
export interface LineSend {
  api: LineApi
  part: OutboundPart
  message: OutboundMessage
  channel: Channel<LineCredentials>
}

/**
 * Sends one part: free of charge with a reply token (once, within a minute or so), else as a push message.
 * @see https://developers.line.biz/en/reference/messaging-api/#send-push-message
 */
export async function sendLine(send: LineSend, context: SendContext): Promise<SendOutcome> {
  const { api, part, message, channel } = send
  if (message.replyToMessageId) {
    return refusal(
      'LINE quotes by token, not by id: send `native` with the `quoteToken` of the message',
      'MESSAGING_PART_UNSUPPORTED',
    )
  }
  const chosen = lineContent(part)
  if ('outcome' in chosen) return chosen
  const messages = [chosen.content]
  const { credentials } = channel
  const call = message.responseToken
    ? { path: '/v2/bot/message/reply', json: { replyToken: message.responseToken, messages } }
    : {
        path: '/v2/bot/message/push',
        json: { to: message.to.id, messages },
        headers: { 'x-line-retry-key': retryKey(context.idempotencyKey) },
      }
  const answer = await callLine({ api, credentials, ...call }, context)
  if (!answer.answered) return answer.failure
  const body = asObject(answer.body)
  if (answer.status === 200 && body) {
    return { outcome: 'sent', ...sentId(body.sentMessages), raw: body }
  }
  return lineFailure(answer, context.now())
}

/** LINE wants a UUID and remembers it for a day. @see https://developers.line.biz/en/docs/messaging-api/retrying-api-request/ */
function retryKey(idempotencyKey: string): string {
  const hex = createHash('sha256').update(idempotencyKey).digest('hex')
  // Version 8: the bits are of our own making.
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-')
}
