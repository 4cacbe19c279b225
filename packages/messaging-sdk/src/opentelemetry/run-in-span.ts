import { isIntegrationError } from '@mortise/errors'
import {
  type Attributes,
  type Context,
  context,
  type Link,
  type Span,
  type SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'

/** One span around one piece of work. */
export interface SpanWork<T> {
  tracer: Tracer
  name: string
  kind: SpanKind
  attributes: Attributes
  links?: Link[]
  parent?: Context
  work: (span: Span) => Promise<T>
}

/** Runs the work with its span as the active one, and ends the span with it. */
export async function runInSpan<T>(options: SpanWork<T>): Promise<T> {
  const { tracer, name, kind, attributes, links = [], work } = options
  const parent = options.parent ?? context.active()
  const span = tracer.startSpan(name, { kind, attributes, links }, parent)
  try {
    return await context.with(trace.setSpan(parent, span), () => work(span))
  } catch (error) {
    failSpan(span, error)
    throw error
  } finally {
    span.end()
  }
}

/** Marks a span as failed: `error.type` is our code, or the class's name. */
export function failSpan(span: Span, error: unknown): void {
  span.setAttribute('error.type', errorType(error))
  if (error instanceof Error) span.recordException(error)
  const message = error instanceof Error ? error.message : String(error)
  span.setStatus({ code: SpanStatusCode.ERROR, message })
}

/** What metrics and spans say of an error. */
export function errorType(error: unknown): string {
  if (isIntegrationError(error)) return error.code
  return error instanceof Error ? error.name : '_OTHER'
}
