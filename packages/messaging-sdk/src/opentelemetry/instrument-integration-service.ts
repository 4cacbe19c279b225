import {
  type MeterProvider,
  metrics,
  SpanKind,
  type TracerProvider,
  trace,
} from '@opentelemetry/api'
import type { IntegrationService } from '../integration-service.ts'
import { messagingAttributes, SCOPE } from './attributes.ts'
import { failSpan, runInSpan } from './run-in-span.ts'

/** Where spans and metrics go. Default: the global providers. */
export interface InstrumentationOptions {
  tracerProvider?: TracerProvider
  meterProvider?: MeterProvider
}

const MS_PER_SECOND = 1000

/**
 * The same service with a span for each webhook and each send, and counters of their outcomes. A send from
 * within a handler is part of the trace that began with the webhook.
 */
export function instrumentIntegrationService(
  service: IntegrationService,
  options: InstrumentationOptions = {},
): IntegrationService {
  const tracer = (options.tracerProvider ?? trace).getTracer(SCOPE)
  const meter = (options.meterProvider ?? metrics).getMeter(SCOPE)
  const webhooks = meter.createCounter('mortise.messaging.webhooks', { unit: '{request}' })
  const duration = meter.createHistogram('messaging.client.operation.duration', { unit: 's' })
  const { platform } = service.integration.adapter
  const names = { 'mortise.platform': platform, 'mortise.integration': service.integration.name }

  const receiveWebhook: IntegrationService['receiveWebhook'] = (request, call) =>
    runInSpan({
      tracer,
      name: `receive ${platform}`,
      kind: SpanKind.INTERNAL,
      attributes: {
        ...messagingAttributes({ name: 'receive', type: 'receive', destination: platform }),
        ...names,
      },
      work: async (span) => {
        const result = await service.receiveWebhook(request, call)
        const status = result.response.status
        webhooks.add(1, { ...names, 'http.response.status_code': status })
        span.setAttributes({
          'http.response.status_code': status,
          'messaging.batch.message_count': result.messages,
          'mortise.webhook.stored': result.stored,
          'mortise.webhook.duplicates': result.duplicates,
        })
        if (!result.success) failSpan(span, new Error(result.reason ?? `answered ${status}`))
        return result
      },
    })

  const sendMessage: IntegrationService['sendMessage'] = (message, call) =>
    runInSpan({
      tracer,
      name: `send ${platform}`,
      kind: SpanKind.CLIENT,
      attributes: {
        ...messagingAttributes({ name: 'send', type: 'send', destination: platform }),
        ...names,
        'mortise.channel.id': call.channelId,
      },
      work: async (span) => {
        const startedAt = performance.now()
        const result = await service.sendMessage(message, call)
        const outcome = { 'mortise.send.outcome': result.outcome }
        duration.record((performance.now() - startedAt) / MS_PER_SECOND, {
          ...names,
          'messaging.operation.name': 'send',
          ...outcome,
          ...(result.error && { 'error.type': result.error.code }),
        })
        span.setAttributes({
          ...outcome,
          'mortise.send.attempts': result.attempts,
          'messaging.message.conversation_id': result.correlationId,
          ...(result.messageId && { 'messaging.message.id': result.messageId }),
        })
        if (result.error) failSpan(span, result.error)
        return result
      },
    })

  return { ...service, receiveWebhook, sendMessage }
}
