import assert from 'node:assert/strict'
import type { InboundEvent } from '../inbound-event.ts'
import type { Channel } from '../integration-config.ts'
import type { PlatformAdapter, SendContext } from '../platform-adapter.ts'
import { createRawRequest, type RawRequest } from '../raw-request.ts'
import type { PlatformSimulator } from './platform-simulator.ts'
import type { SignedWebhook, SimulatedEvent } from './simulated-platform.ts'

/** What a check of an adapter is given; all of it fresh. */
export interface PlatformCheckGiven<TCredentials> {
  adapter: PlatformAdapter<TCredentials>
  /** An adapter whose API is at another address. */
  adapterAt: (baseUrl: string) => PlatformAdapter<TCredentials>
  simulator: PlatformSimulator
  channel: Channel<TCredentials>
}

/** One check before it has an adapter. */
export interface PlatformCheck {
  name: string
  check: <TCredentials>(given: PlatformCheckGiven<TCredentials>) => Promise<void>
}

/** The address that checks pretend to be posted to. */
export const WEBHOOK_URL = 'https://example.com/webhooks/channel-1'

/** A channel with these credentials. */
export function channelWith<TCredentials>(
  credentials: Record<string, string | undefined>,
): Channel<TCredentials> {
  // The simulated account names its credentials as the adapter does; a contract cannot know the type.
  const typed = credentials as unknown as TCredentials
  return { id: 'channel-1', tenantId: 'tenant-1', credentials: typed }
}

/** A webhook as the pipeline would hand it to the adapter. */
export function requestOf(
  webhook: SignedWebhook,
  changes: Partial<SignedWebhook> = {},
): RawRequest {
  const { method, url, headers, body } = { ...webhook, ...changes }
  return createRawRequest({ method, url, headers, body: Buffer.from(body) })
}

/** What the adapter makes of a request, asked as the pipeline asks: once for each channel that it names. */
export function normalized<TCredentials>(
  given: Pick<PlatformCheckGiven<TCredentials>, 'adapter' | 'channel'>,
  request: RawRequest,
): InboundEvent[] {
  const receivedAt = '2026-01-01T00:00:00.000Z'
  const { adapter, channel } = given
  const hints = adapter.route(request)
  if (hints.length === 0) return adapter.normalize(request, { channel, receivedAt })
  return hints.flatMap((hint) => adapter.normalize(request, { channel, receivedAt, hint }))
}

/** The webhook of one event, or `undefined` where the platform has no such thing. */
export function webhookOf(
  simulator: PlatformSimulator,
  event: SimulatedEvent,
): SignedWebhook | undefined {
  try {
    return simulator.webhook(event, WEBHOOK_URL)
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

/** A webhook of something that happens on every platform: words, or a command where no words come. */
export function sampleWebhook(simulator: PlatformSimulator): SignedWebhook {
  return simulator.webhook(sampleEvent(simulator), WEBHOOK_URL)
}

/** What {@link sampleWebhook} is about. */
export function sampleEvent(simulator: PlatformSimulator): SimulatedEvent {
  const text = { type: 'text', text: 'Grüße, 世界 👋' } as const
  return webhookOf(simulator, text)
    ? text
    : { type: 'command', name: 'help', text: 'Grüße, 世界 👋' }
}

/** A context for sends, over the real network to the simulator. */
export function sendContextOf(changes: Partial<SendContext> = {}): SendContext {
  return {
    fetch: globalThis.fetch,
    now: Date.now,
    signal: AbortSignal.timeout(PATIENCE_MS),
    idempotencyKey: 'a-key-of-the-contract',
    correlationId: 'a-correlation-id',
    ...changes,
  }
}

/** Only a broken adapter waits so long; a busy machine may need some of it. */
export const PATIENCE_MS = 10_000

/** Fails when something that leaves the adapter shows a secret of the channel. */
export function assertNoSecrets(credentials: Record<string, string>, value: unknown): void {
  const text =
    value instanceof Error
      ? `${value.message} ${JSON.stringify(value)} ${String(value.cause)}`
      : JSON.stringify(value)
  for (const [name, secret] of Object.entries(credentials)) {
    if (!/token|secret|password/i.test(name) || secret === '') continue
    assert.ok(!text.includes(secret), `${name} is not shown, but it is in: ${text.slice(0, 200)}`)
  }
}

/** Every credential a little different: still of the right form, and wrong. */
export function wrongCredentials(credentials: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(credentials).map(([name, value]) => [name, withOtherEnd(value)]),
  )
}

/** The same text with another last character. */
export function withOtherEnd(value: string): string {
  return value.slice(0, -1) + (value.endsWith('1') ? '2' : '1')
}
