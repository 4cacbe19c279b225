import {
  type Attributes,
  type Context,
  context,
  type Meter,
  metrics,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import type { CallReport } from '../call-report.ts'
import type { HookHost } from '../hook-host.ts'
import type { InvokeOptions } from '../hook-result.ts'

/** Where spans and metrics go. */
export interface InstrumentOptions {
  /** Default: the global tracer provider's `@mortise/extension-hooks`. */
  tracer?: Tracer | undefined
  /** Default: the global meter provider's `@mortise/extension-hooks`. */
  meter?: Meter | undefined
}

const NAME = '@mortise/extension-hooks'
const MS_PER_SECOND = 1000

/**
 * Puts one span around every call, continuing the trace of its `traceparent`, and counts: `hook.call.duration`
 * (seconds), `hook.call.response.size` (bytes) and `hook.records` (by what became of them). Attributes are names,
 * kinds, codes and ids; never a record, a token or a message.
 */
export function instrumentHookHost(host: HookHost, options: InstrumentOptions = {}): HookHost {
  const tracer = options.tracer ?? trace.getTracer(NAME)
  const count = createCounters(options.meter ?? metrics.getMeter(NAME))
  const observe = <T extends { readonly report: CallReport }>(
    invokeOptions: InvokeOptions,
    call: () => T | Promise<T>,
  ): Promise<T> => {
    const span = tracer.startSpan(
      'hook',
      { kind: SpanKind.SERVER },
      parentOf(invokeOptions.traceparent),
    )
    return context.with(trace.setSpan(context.active(), span), async () => {
      try {
        const result = await call()
        describe(span, result.report)
        count(result.report)
        return result
      } finally {
        span.end()
      }
    })
  }
  return {
    ...host,
    invoke: (call, invokeOptions = {}) =>
      observe(invokeOptions, () => host.invoke(call, invokeOptions)),
    invokeBytes: (body, invokeOptions = {}) =>
      observe(invokeOptions, () => host.invokeBytes(body, invokeOptions)),
  }
}

/** @see https://www.w3.org/TR/trace-context/#traceparent-header */
function parentOf(traceparent: string | undefined): Context {
  const [, traceId, spanId, flags] =
    /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent ?? '') ?? []
  if (traceId === undefined || spanId === undefined || flags === undefined) return context.active()
  const remote = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true }
  return trace.setSpanContext(ROOT_CONTEXT, remote)
}

function describe(span: Span, report: CallReport): void {
  span.updateName(`hook ${report.kind ?? report.type ?? 'function'}`)
  span.setAttributes({
    ...labelsOf(report),
    ...(report.function !== undefined && { 'hook.function': report.function }),
    ...(report.connectorId !== undefined && { 'hook.connector_id': report.connectorId }),
    ...(report.flowId !== undefined && { 'hook.flow_id': report.flowId }),
    ...(report.requestId !== undefined && { 'hook.request_id': report.requestId }),
    ...(report.records !== undefined && {
      'hook.records.in': report.records.in,
      'hook.records.failed': report.records.failed,
    }),
    'hook.response.bytes': report.bytesOut,
  })
  if (report.status !== 200)
    span.setStatus({ code: SpanStatusCode.ERROR, message: report.code ?? '' })
}

/** Labels of few values: names of functions and ids come from outside and would make metrics grow without end. */
function labelsOf({ kind, status, code }: CallReport): Attributes {
  return {
    'http.response.status_code': status,
    ...(kind !== undefined && { 'hook.kind': kind }),
    ...(status !== 200 && code !== undefined && HOST_CODES.has(code) && { 'error.type': code }),
  }
}

/** The codes the host itself gives; those of authors stay out of the labels. */
const HOST_CODES: ReadonlySet<string> = new Set([
  'missing_required_field',
  'invalid_field',
  'object_not_found',
  'invalid_function',
  'invalid_extension_response',
  'response_size_exceeded',
  'invalid_hook_response',
  'invalid_body',
  'function_timeout',
  'function_error',
  'function_crashed',
  'call_aborted',
  'host_busy',
  'host_closing',
  'host_unavailable',
])

function createCounters(meter: Meter): (report: CallReport) => void {
  const duration = meter.createHistogram('hook.call.duration', {
    unit: 's',
    description: 'Time from the call to its answer.',
  })
  const size = meter.createHistogram('hook.call.response.size', {
    unit: 'By',
    description: 'Size of the answer.',
  })
  const records = meter.createCounter('hook.records', {
    unit: '{record}',
    description: 'What became of records.',
  })
  return (report) => {
    const labels = labelsOf(report)
    const { queueMs, parseMs, runMs, checkMs, encodeMs } = report
    duration.record((queueMs + parseMs + runMs + checkMs + encodeMs) / MS_PER_SECOND, labels)
    size.record(report.bytesOut, labels)
    for (const outcome of ['kept', 'skipped', 'failed'] as const) {
      const number = report.records?.[outcome] ?? 0
      if (number > 0) records.add(number, { ...labels, 'hook.record.outcome': outcome })
    }
  }
}
