import type { InboundEvent } from '../src/inbound-event.ts'
import type { Channel } from '../src/integration-config.ts'
import type { OutboundMessage, OutboundPart } from '../src/outbound-message.ts'
import type { PlatformAdapter, SendContext } from '../src/platform-adapter.ts'
import { createRawRequest, type RawRequest } from '../src/raw-request.ts'
import type { SendOutcome } from '../src/send-outcome.ts'

/** A channel with these credentials. */
export function channelOf<TCredentials>(credentials: TCredentials): Channel<TCredentials> {
  return { id: 'channel-1', tenantId: 'tenant-1', credentials }
}

/** A context over the real network, for sends to the simulator. */
export function sendContext(changes: Partial<SendContext> = {}): SendContext {
  return {
    fetch: globalThis.fetch,
    now: Date.now,
    signal: AbortSignal.timeout(20_000),
    idempotencyKey: 'key-1',
    correlationId: 'correlation-1',
    ...changes,
  }
}

/** A POST with this body: text as it is, all else as JSON. */
export function postOf(
  body: unknown,
  options: { headers?: Record<string, string>; url?: string } = {},
): RawRequest {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return createRawRequest({
    method: 'POST',
    url: options.url ?? 'https://example.com/webhooks/channel-1',
    headers: { 'content-type': 'application/json', ...options.headers },
    body: Buffer.from(text),
  })
}

/** What the adapter makes of a request for each channel that it names, with made-up credentials. */
export function normalizedBy<TCredentials>(
  adapter: Pick<PlatformAdapter<TCredentials>, 'normalize' | 'route'>,
  request: RawRequest,
): InboundEvent[] {
  const channel = channelOf({} as TCredentials)
  const context = { channel, receivedAt: '2026-01-01T00:00:00.000Z' }
  const hints = adapter.route(request)
  if (hints.length === 0) return adapter.normalize(request, context)
  return hints.flatMap((hint) => adapter.normalize(request, { ...context, hint }))
}

/** A call that an adapter made. */
export interface RecordedCall {
  url: string
  method: string
  headers: Headers
  body: unknown
}

/**
 * Sends one part to a platform that gives this answer, and says what was asked of it. The body is parsed when
 * it is JSON.
 */
export async function sendTo<TCredentials>(
  adapter: PlatformAdapter<TCredentials>,
  options: {
    credentials: TCredentials
    part: OutboundPart
    message?: Partial<OutboundMessage>
    answer?: { status: number; headers?: Record<string, string>; body?: unknown }
  },
): Promise<{ outcome: SendOutcome; calls: RecordedCall[] }> {
  const { credentials, part, answer = { status: 200, body: {} } } = options
  const calls: RecordedCall[] = []
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const { body } = init ?? {}
    calls.push({
      url: String(input),
      method: init?.method ?? 'GET',
      headers: new Headers(init?.headers),
      body: typeof body === 'string' ? (JSON.parse(body) as unknown) : body,
    })
    const text = answer.body === undefined ? null : JSON.stringify(answer.body)
    return new Response(text, {
      status: answer.status,
      ...(answer.headers && { headers: answer.headers }),
    })
  }
  const message = { to: { id: 'recipient-1' }, parts: [part], ...options.message }
  const context = sendContext({ fetch, now: () => 0 })
  const outcome = await adapter.send(part, message, channelOf(credentials), context)
  return { outcome, calls }
}
