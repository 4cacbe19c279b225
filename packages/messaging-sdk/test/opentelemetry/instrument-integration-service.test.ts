import { AsyncLocalStorage } from 'node:async_hooks'
import { createHmac } from 'node:crypto'
import {
  type Context,
  type ContextManager,
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import {
  createIntegrationService,
  defineIntegration,
  type IntegrationService,
  type MessageTransport,
} from '../../src/index.ts'
import { createMemoryMessageTransport } from '../../src/memory/index.ts'
import {
  instrumentIntegrationService,
  instrumentMessageTransport,
} from '../../src/opentelemetry/index.ts'
import { createRawRequest } from '../../src/raw-request.ts'
import { createWhatsAppPlatformAdapter } from '../../src/whatsapp/index.ts'

// A busy machine is slow, not wrong.
vi.setConfig({ testTimeout: 60_000, expect: { poll: { timeout: 20_000 } } })

/** The context manager of the SDK in six lines, over what Node has. */
class AsyncContext implements ContextManager {
  readonly #storage = new AsyncLocalStorage<Context>()
  active = () => this.#storage.getStore() ?? ROOT_CONTEXT
  with: ContextManager['with'] = (ctx, work, self, ...rest) =>
    this.#storage.run(ctx, () => work.call(self as ThisParameterType<typeof work>, ...rest))
  bind = <T>(_ctx: Context, target: T): T => target
  enable = () => this
  disable = () => this
}

/** `traceparent` alone. @see https://www.w3.org/TR/trace-context/ */
const traceparent: Parameters<typeof propagation.setGlobalPropagator>[0] = {
  fields: () => ['traceparent'],
  inject: (ctx, carrier, setter) => {
    const found = trace.getSpanContext(ctx)
    if (found) setter.set(carrier, 'traceparent', `00-${found.traceId}-${found.spanId}-01`)
  },
  extract: (ctx, carrier, getter) => {
    const value = getter.get(carrier, 'traceparent')
    const [, traceId, spanId] = (typeof value === 'string' ? value : '').split('-')
    if (!traceId || !spanId) return ctx
    const spanContext = { traceId, spanId, traceFlags: 1, isRemote: true }
    return trace.setSpanContext(ctx, spanContext)
  },
}

const credentials = { phoneNumberId: '1', accessToken: 't', appSecret: 's', verifyToken: 'word' }
const exporter = new InMemorySpanExporter()
const tracerProvider = new BasicTracerProvider({
  spanProcessors: [new SimpleSpanProcessor(exporter)],
})
const metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
const meterProvider = new MeterProvider({
  readers: [
    new PeriodicExportingMetricReader({ exporter: metricExporter, exportIntervalMillis: 1e8 }),
  ],
})
let transport: MessageTransport
let service: IntegrationService
let apiStatus = 200

beforeAll(() => {
  context.setGlobalContextManager(new AsyncContext())
  propagation.setGlobalPropagator(traceparent)
})
afterAll(async () => {
  context.disable()
  propagation.disable()
  await meterProvider.shutdown()
})
beforeEach(() => {
  exporter.reset()
  transport = instrumentMessageTransport(createMemoryMessageTransport(), {
    tracerProvider,
    meterProvider,
  })
  const integration = defineIntegration({
    name: 'support',
    adapter: createWhatsAppPlatformAdapter(),
    getChannelConfig: (_ctx, id) => (id === '1' ? { tenantId: 'acme', credentials } : null),
  })
  const plain = createIntegrationService({
    integration,
    transport,
    fetch: (async () =>
      apiStatus === 200
        ? Response.json({ messages: [{ id: 'out' }] })
        : Response.json({ error: { code: 190 } }, { status: apiStatus })) as typeof fetch,
  })
  service = instrumentIntegrationService(plain, { tracerProvider, meterProvider })
})
afterEach(async () => {
  apiStatus = 200
  await transport.close()
})

function webhook(secret = 's') {
  const value = {
    metadata: { phone_number_id: '1' },
    messages: [{ id: 'a', from: '49', type: 'text', text: { body: 'a private word' } }],
  }
  const body = Buffer.from(JSON.stringify({ entry: [{ changes: [{ field: 'messages', value }] }] }))
  const signature = createHmac('sha256', secret).update(body).digest('hex')
  const headers = { 'x-hub-signature-256': `sha256=${signature}` }
  return createRawRequest({ method: 'POST', url: 'http://x/webhook', headers, body })
}

const reply = { to: { id: '49' }, parts: [{ type: 'text', text: 'another private word' }] } as const

it('is one trace from the webhook over the handler to the send', async () => {
  await transport.consume(
    { group: 'bot', channels: ['mortise.processing.message.received'] },
    async () => {
      await service.sendMessage({ ...reply, parts: [...reply.parts] }, { channelId: '1' })
    },
  )
  await service.receiveWebhook(webhook())
  await expect.poll(() => spans().length).toBe(5)
  const [receive, publish, process, send, announce] = [
    'receive whatsapp',
    'publish mortise.processing.message.received',
    'process mortise.processing.message.received',
    'send whatsapp',
    'publish mortise.processing.message.sent',
  ].map((name) => spans().find((span) => span.name === name))
  expect(new Set(spans().map((span) => span.spanContext().traceId)).size).toBe(1)
  expect(publish?.parentSpanContext?.spanId).toBe(receive?.spanContext().spanId)
  expect(process?.parentSpanContext?.spanId).toBe(publish?.spanContext().spanId)
  expect(send?.parentSpanContext?.spanId).toBe(process?.spanContext().spanId)
  expect(announce?.parentSpanContext?.spanId).toBe(send?.spanContext().spanId)
  expect([publish?.kind, process?.kind, send?.kind]).toEqual([
    SpanKind.PRODUCER,
    SpanKind.CONSUMER,
    SpanKind.CLIENT,
  ])
  expect(process?.attributes).toMatchObject({
    'messaging.system': 'mortise',
    'messaging.operation.name': 'process',
    'messaging.consumer.group.name': 'bot',
    'messaging.message.id': 'whatsapp:1:a',
    'mortise.tenant.id': 'acme',
  })
  expect(JSON.stringify(spans().map(({ attributes }) => attributes))).not.toMatch(/private word/)
})

it('marks a refused webhook and a refused send as errors', async () => {
  await service.receiveWebhook(webhook('wrong'))
  apiStatus = 401
  await service.sendMessage({ ...reply, parts: [...reply.parts] }, { channelId: '1' })
  const failed = spans().filter(({ status }) => status.code === SpanStatusCode.ERROR)
  expect(failed.map(({ name }) => name)).toEqual(['receive whatsapp', 'send whatsapp'])
  expect(failed[1]?.attributes).toMatchObject({
    'mortise.send.outcome': 'auth',
    'error.type': 'CREDENTIAL_INVALID',
  })
})

it('counts messages, durations and lag', async () => {
  await transport.consume({ group: 'meter', maxRetries: 0 }, async () => {
    throw new Error('never')
  })
  await service.receiveWebhook(webhook())
  await expect.poll(async () => (await transport.lag())[0]?.deadLetters).toBe(1)
  await meterProvider.forceFlush()
  const metrics =
    metricExporter
      .getMetrics()
      .at(-1)
      ?.scopeMetrics.flatMap((scope) => scope.metrics) ?? []
  const names = metrics.map(({ descriptor }) => descriptor.name)
  expect(names).toEqual(
    expect.arrayContaining([
      'messaging.client.sent.messages',
      'messaging.client.consumed.messages',
      'messaging.process.duration',
      'messaging.client.operation.duration',
      'mortise.messaging.webhooks',
      'mortise.messaging.group.pending',
      'mortise.messaging.group.oldest_unacked',
      'mortise.messaging.group.dead_letters',
    ]),
  )
  const dead = metrics.find(({ descriptor }) => descriptor.name.endsWith('dead_letters'))
  expect(dead?.dataPoints).toContainEqual(
    expect.objectContaining({ value: 1, attributes: { 'messaging.consumer.group.name': 'meter' } }),
  )
})

function spans() {
  return exporter.getFinishedSpans()
}
