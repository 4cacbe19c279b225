import type { IntegrationEventReceivedPayload } from './channel-payloads.ts'
import type { InboundEvent } from './inbound-event.ts'
import { INTEGRATION_CHANNELS } from './integration-channels.ts'
import type { IntegrationContext } from './integration-context.ts'
import type { Envelope, MessageTransport, PublishOutcome } from './message-transport.ts'
import { toNormalizedMessage } from './normalized-message.ts'

/**
 * Stores events in order. One that the transport can never take (too large for its server) is stored without the
 * platform's own object, so that it neither gets lost nor holds up what comes after it.
 */
export async function publishEvents(
  events: readonly InboundEvent[],
  { transport, ctx }: { transport: MessageTransport; ctx: IntegrationContext },
): Promise<PublishOutcome[]> {
  const envelopes = events.map((event) => toEnvelope(event, ctx))
  const outcomes = await transport.publish(envelopes)
  const index = outcomes.findIndex((outcome) => outcome.status === 'failed')
  const failure = outcomes[index]
  const event = events[index]
  if (failure?.status !== 'failed' || !event) return outcomes
  if (failure.error.kind !== 'permanent' || isOmitted(event)) return outcomes
  ctx.logger.warn('An event is stored without its raw object', { id: event.id })
  const smaller = { ...event, raw: { omitted: failure.error.message } }
  const rest = [smaller, ...events.slice(index + 1)]
  return [...outcomes.slice(0, index), ...(await publishEvents(rest, { transport, ctx }))]
}

function isOmitted({ raw }: InboundEvent): boolean {
  return typeof raw === 'object' && raw !== null && 'omitted' in raw
}

/** An event on its way into the transport. */
function toEnvelope(event: InboundEvent, ctx: IntegrationContext): Envelope {
  const isMessage = event.type === 'message.received'
  const payload: IntegrationEventReceivedPayload = {
    tenantId: event.tenantId,
    channelId: event.channelId,
    platform: event.platform,
    event,
    ...(isMessage && { message: toNormalizedMessage(event) }),
    timestamp: ctx.now(),
  }
  const { MESSAGE_RECEIVED, EVENT_RECEIVED } = INTEGRATION_CHANNELS
  return {
    id: event.id,
    channel: isMessage ? MESSAGE_RECEIVED : EVENT_RECEIVED,
    tenantId: event.tenantId,
    channelId: event.channelId,
    orderKey: `${event.tenantId}/${event.channelId}/${event.orderKey}`,
    payload,
    ...(ctx.meta.correlationId && { headers: { 'correlation-id': ctx.meta.correlationId } }),
  }
}
