import type { DeliveryStatus, MessageStatus } from './inbound-event.ts'

/** How far each status is. `failed` stands beside the line: whoever was delivered has not failed. */
const RANK: Record<Exclude<DeliveryStatus, 'failed'>, number> = {
  queued: 0,
  sent: 1,
  delivered: 2,
  read: 3,
  played: 4,
}

/**
 * The later of two statuses of one message. Webhooks arrive in any order, so a status never goes back;
 * `failed` stays, unless a delivery proves it wrong.
 */
export function mergeStatus(
  current: DeliveryStatus | undefined,
  incoming: DeliveryStatus,
): DeliveryStatus {
  if (current === undefined || current === incoming) return incoming
  if (current === 'failed') return incoming !== 'queued' && incoming !== 'sent' ? incoming : current
  if (incoming === 'failed') return RANK[current] >= RANK.delivered ? current : incoming
  return RANK[incoming] > RANK[current] ? incoming : current
}

/** What you know of one message of yours. */
export interface TrackedMessage {
  messageId: string
  conversationId: string
  /** ISO 8601. */
  sentAt: string
  status: DeliveryStatus
}

/**
 * The messages whose status an event changes, as they are now: the one it names, and with a watermark every
 * message of the conversation that was sent up to then.
 */
export function applyStatus(
  messages: readonly TrackedMessage[],
  event: Pick<MessageStatus, 'messageId' | 'status' | 'upTo' | 'conversation'>,
): TrackedMessage[] {
  return messages.flatMap((message) => {
    if (!isMeant(message, event)) return []
    const status = mergeStatus(message.status, event.status)
    return status === message.status ? [] : [{ ...message, status }]
  })
}

function isMeant(
  message: TrackedMessage,
  event: Pick<MessageStatus, 'messageId' | 'upTo' | 'conversation'>,
): boolean {
  if (event.messageId !== undefined && message.messageId === event.messageId) return true
  return (
    event.upTo !== undefined &&
    message.conversationId === event.conversation.id &&
    Date.parse(message.sentAt) <= Date.parse(event.upTo)
  )
}
