import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type {
  IntegrationMessageFailedPayload,
  IntegrationMessageSentPayload,
} from './channel-payloads.ts'
import { INTEGRATION_CHANNELS } from './integration-channels.ts'
import type { Envelope } from './message-transport.ts'
import type { MessageSendResult, Send } from './send.ts'

/** Pauses before the store is asked again; after the last one the result says `eventStored: false`. */
const STORE_RETRIES_MS = [100, 500, 2_000]

type Ended = Omit<MessageSendResult, 'eventStored'>

/**
 * Publishes `message.sent` or `message.failed`. A success under an idempotency key has a fixed id, so that
 * its repetition is not told twice.
 */
export async function announceSend(send: Send, result: Ended): Promise<boolean> {
  const { transport, ctx, correlationId } = send
  const envelope = toEnvelope(send, result)
  for (const pause of [...STORE_RETRIES_MS, undefined]) {
    const [outcome] = await transport.publish([envelope])
    if (outcome?.status !== 'failed') return true
    if (pause === undefined || !outcome.error.retryable) {
      const { message: error } = outcome.error
      const details = { correlationId, success: result.success, error }
      ctx.logger.error('How a send ended could not be stored', details)
      return false
    }
    await sleep(pause)
  }
  return false
}

function toEnvelope(send: Send, result: Ended): Envelope {
  const { channel, integration, message, correlationId } = send
  const { idempotencyKey } = message
  const key =
    result.success && idempotencyKey !== undefined ? `key:${idempotencyKey}` : randomUUID()
  const name = result.success ? 'MESSAGE_SENT' : 'MESSAGE_FAILED'
  return {
    id: `${integration.adapter.platform}:${channel.id}:send:${key}`,
    channel: INTEGRATION_CHANNELS[name],
    tenantId: channel.tenantId,
    channelId: channel.id,
    orderKey: `${channel.tenantId}/${channel.id}/${message.to.id}`,
    payload: toPayload(send, result),
    headers: { 'correlation-id': correlationId },
  }
}

function toPayload(
  send: Send,
  result: Ended,
): IntegrationMessageSentPayload | IntegrationMessageFailedPayload {
  const { channel, integration, message, ctx, correlationId } = send
  const shared = {
    tenantId: channel.tenantId,
    channelId: channel.id,
    platform: integration.adapter.platform,
    messageIds: result.messageIds,
    correlationId,
    timestamp: ctx.now(),
    ...(message.metadata && { metadata: message.metadata }),
  }
  if (!result.error) return { ...shared, ...(result.messageId && { messageId: result.messageId }) }
  return {
    ...shared,
    error: result.error.message,
    code: result.error.code,
    outcome: result.outcome,
    message: withoutUploads(message),
    retryCount: Math.max(0, result.attempts - 1),
  }
}

/** Bytes to upload stay out of the event: it tells what failed, it does not carry it. */
function withoutUploads(message: Send['message']): Send['message'] {
  const parts = message.parts.map((part) => {
    if (part.type !== 'media' || part.data === undefined) return part
    const { data, ...rest } = part
    return rest
  })
  return { ...message, parts }
}
