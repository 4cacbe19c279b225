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
import { describe, expect, it } from 'vitest'
import { createHookHost, fail, keep, preMap } from '../src/index.ts'
import { instrumentHookHost } from '../src/opentelemetry/index.ts'

describe('instrumentHookHost', () => {
  const spans = new InMemorySpanExporter()
  const tracer = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(spans)],
  }).getTracer('test')
  const metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const provider = new MeterProvider({
    readers: [
      new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis: 60_000 }),
    ],
  })
  const host = instrumentHookHost(
    createHookHost({
      diy: {
        tidy: preMap<{ secret: string }>({
          each: (record, { index }) => (index === 0 ? keep(record) : fail('bad SECRET')),
        }),
      },
    }),
    { tracer, meter: provider.getMeter('test') },
  )
  const call = {
    diy: true,
    function: 'tidy',
    options: { bearerToken: 'SECRET', _flowId: 'f1', data: [{ secret: 'SECRET' }, {}] },
  }

  it('puts a span around a call that continues the trace of its request', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    await host.invokeBytes(Buffer.from(JSON.stringify(call)), { traceparent })
    const [span] = spans.getFinishedSpans()
    expect(span?.name).toBe('hook preMap')
    expect(span?.spanContext().traceId).toBe('0af7651916cd43dd8448eb211c80319c')
    expect(span?.parentSpanContext?.spanId).toBe('b7ad6b7169203331')
    expect(span?.attributes).toMatchObject({
      'hook.kind': 'preMap',
      'hook.function': 'tidy',
      'hook.flow_id': 'f1',
      'hook.records.in': 2,
      'hook.records.failed': 1,
      'http.response.status_code': 200,
    })
    expect(JSON.stringify([span?.attributes, span?.events, span?.status])).not.toContain('SECRET')
  })

  it('marks a failed call, and takes a broken traceparent for none', async () => {
    spans.reset()
    await host.invoke({ diy: true, function: 'none', options: {} }, { traceparent: 'nonsense' })
    const [span] = spans.getFinishedSpans()
    expect(span?.status).toMatchObject({ code: 2, message: 'invalid_function' })
    expect(span?.parentSpanContext).toBeUndefined()
  })

  it('counts durations, sizes and records', async () => {
    await provider.forceFlush()
    const names = metrics
      .getMetrics()
      .flatMap(({ scopeMetrics }) =>
        scopeMetrics.flatMap((scope) => scope.metrics.map(({ descriptor }) => descriptor.name)),
      )
    expect(new Set(names)).toEqual(
      new Set(['hook.call.duration', 'hook.call.response.size', 'hook.records']),
    )
    await provider.shutdown()
  })
})
