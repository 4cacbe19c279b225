import type { Attributes } from '@opentelemetry/api'
import type { Envelope } from '../message-transport.ts'

/** Who instruments. */
export const SCOPE = '@mortise/messaging-sdk'

/** @see https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/ */
export function messagingAttributes(operation: {
  name: 'publish' | 'process' | 'send' | 'receive'
  type: 'send' | 'process' | 'receive'
  destination: string
}): Attributes {
  return {
    'messaging.system': 'mortise',
    'messaging.operation.name': operation.name,
    'messaging.operation.type': operation.type,
    'messaging.destination.name': operation.destination,
  }
}

/** What a span of one envelope says besides. Ids only: what people wrote stays out of traces. */
export function envelopeAttributes(envelope: Envelope): Attributes {
  const correlationId = envelope.headers?.['correlation-id']
  return {
    'messaging.message.id': envelope.id,
    ...(correlationId && { 'messaging.message.conversation_id': correlationId }),
    'mortise.tenant.id': envelope.tenantId,
    'mortise.channel.id': envelope.channelId,
  }
}
