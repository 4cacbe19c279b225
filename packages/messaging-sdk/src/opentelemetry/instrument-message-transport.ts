import { context, metrics, propagation, SpanKind, trace } from '@opentelemetry/api'
import type {
  Delivery,
  DeliveryHandler,
  Envelope,
  MessageTransport,
  PublishOutcome,
} from '../message-transport.ts'
import { envelopeAttributes, messagingAttributes, SCOPE } from './attributes.ts'
import type { InstrumentationOptions } from './instrument-integration-service.ts'
import { errorType, failSpan, runInSpan } from './run-in-span.ts'

const MS_PER_SECOND = 1000

/**
 * The same transport with a producer span for each publish, a consumer span for each handled delivery in the
 * publisher's trace, and metrics: how many, how long, how far behind. The trace context travels in the envelope's headers.
 * Give the instrumented transport to the service.
 */
export function instrumentMessageTransport(
  transport: MessageTransport,
  options: InstrumentationOptions = {},
): MessageTransport {
  const tracer = (options.tracerProvider ?? trace).getTracer(SCOPE)
  const instruments = createInstruments(transport, options)

  async function publish(envelopes: readonly Envelope[]): Promise<PublishOutcome[]> {
    const destination = envelopes[0]?.channel ?? ''
    return runInSpan({
      tracer,
      name: `publish ${destination}`,
      kind: SpanKind.PRODUCER,
      attributes: {
        ...messagingAttributes({ name: 'publish', type: 'send', destination }),
        ...(envelopes.length === 1 && envelopes[0] ? envelopeAttributes(envelopes[0]) : {}),
        'messaging.batch.message_count': envelopes.length,
      },
      work: async (span) => {
        const outcomes = await transport.publish(envelopes.map(withTraceContext))
        for (const [index, outcome] of outcomes.entries()) {
          instruments.sent.add(1, {
            'messaging.destination.name': envelopes[index]?.channel ?? '',
            'mortise.publish.status': outcome.status,
          })
        }
        const failure = outcomes.find((outcome) => outcome.status === 'failed')
        if (failure) failSpan(span, failure.error)
        return outcomes
      },
    })
  }

  function traced(handler: DeliveryHandler): DeliveryHandler {
    return async (delivery) => {
      const startedAt = performance.now()
      const attributes = processAttributes(delivery)
      let failure: string | undefined
      try {
        await runInSpan({
          tracer,
          name: `process ${delivery.envelope.channel}`,
          kind: SpanKind.CONSUMER,
          attributes: { ...attributes, ...envelopeAttributes(delivery.envelope) },
          parent: propagation.extract(context.active(), delivery.envelope.headers ?? {}),
          work: () => handler(delivery),
        })
      } catch (error) {
        failure = errorType(error)
        throw error
      } finally {
        const labels = { ...attributes, ...(failure && { 'error.type': failure }) }
        instruments.consumed.add(1, labels)
        instruments.duration.record((performance.now() - startedAt) / MS_PER_SECOND, labels)
      }
    }
  }

  const close = async () => {
    instruments.stop()
    await transport.close()
  }
  return {
    ...transport,
    publish,
    consume: (consumeOptions, handler) => transport.consume(consumeOptions, traced(handler)),
    close,
    [Symbol.asyncDispose]: close,
  }
}

function processAttributes({ envelope, group }: Delivery) {
  return {
    ...messagingAttributes({ name: 'process', type: 'process', destination: envelope.channel }),
    'messaging.consumer.group.name': group,
  }
}

function withTraceContext(envelope: Envelope): Envelope {
  const headers = { ...envelope.headers }
  propagation.inject(context.active(), headers)
  return Object.keys(headers).length > 0 ? { ...envelope, headers } : envelope
}

/** @see https://opentelemetry.io/docs/specs/semconv/messaging/messaging-metrics/ */
function createInstruments(transport: MessageTransport, options: InstrumentationOptions) {
  const meter = (options.meterProvider ?? metrics).getMeter(SCOPE)
  const pending = meter.createObservableGauge('mortise.messaging.group.pending', {
    description: 'Envelopes that a group has not acknowledged',
    unit: '{message}',
  })
  const oldest = meter.createObservableGauge('mortise.messaging.group.oldest_unacked', {
    description: 'Age of the oldest of them',
    unit: 's',
  })
  const dead = meter.createObservableGauge('mortise.messaging.group.dead_letters', {
    description: 'Envelopes that a group gave up on',
    unit: '{message}',
  })
  const observe: Parameters<typeof meter.addBatchObservableCallback>[0] = async (result) => {
    for (const lag of await transport.lag().catch(() => [])) {
      const labels = { 'messaging.consumer.group.name': lag.group }
      result.observe(pending, lag.pending, labels)
      result.observe(oldest, (lag.oldestUnackedMs ?? 0) / MS_PER_SECOND, labels)
      result.observe(dead, lag.deadLetters, labels)
    }
  }
  meter.addBatchObservableCallback(observe, [pending, oldest, dead])
  return {
    sent: meter.createCounter('messaging.client.sent.messages', { unit: '{message}' }),
    consumed: meter.createCounter('messaging.client.consumed.messages', { unit: '{message}' }),
    duration: meter.createHistogram('messaging.process.duration', { unit: 's' }),
    stop: () => meter.removeBatchObservableCallback(observe, [pending, oldest, dead]),
  }
}
