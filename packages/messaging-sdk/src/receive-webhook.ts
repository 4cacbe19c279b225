import type { Integration } from './define-integration.ts'
import { unknownEvent } from './event-base.ts'
import { findTargets, type Target } from './find-channel.ts'
import type { InboundEvent } from './inbound-event.ts'
import type { Channel } from './integration-config.ts'
import type { IntegrationContext } from './integration-context.ts'
import type { MessageTransport } from './message-transport.ts'
import { publishEvents } from './publish-events.ts'
import type { RawRequest, RawResponse } from './raw-request.ts'

/** What became of a webhook. `response` is what the platform must be told. */
export interface ReceiveResult {
  /** Every event is stored, now or before. */
  success: boolean
  /** Events in the delivery. */
  messages: number
  stored: number
  duplicates: number
  failed: number
  /** For logs, never for the platform. */
  reason?: string
  response: RawResponse
}

/** What receiving needs. */
export interface ReceiveOptions {
  integration: Integration
  transport: MessageTransport
  request: RawRequest
  /** From the path; the request's own hints come first. */
  channelId?: string | undefined
  ctx: IntegrationContext
}

/** Said on every acknowledgement: whoever tests us can see that it means something. */
const STORED_HEADER = { 'x-messaging-accepted': 'stored' }

/** How long a platform that understands `Retry-After` should wait while the store is away. */
const RETRY_AFTER_SECONDS = '5'

/**
 * Verify, normalise, store; answer 200 only when every event is stored or was before. Never rejects: what fails
 * unexpectedly is logged, and the platform is asked to come again.
 */
export async function receiveWebhook(options: ReceiveOptions): Promise<ReceiveResult> {
  try {
    return await receive(options)
  } catch (error) {
    options.ctx.logger.error('A webhook could not be received', { error: messageOf(error) })
    return notNow('receiving failed')
  }
}

async function receive(options: ReceiveOptions): Promise<ReceiveResult> {
  const { request, ctx, integration } = options
  const found = await findTargets(options).catch((error: unknown) => {
    const details = { error: messageOf(error) }
    ctx.logger.error('The channel of a webhook could not be looked up', details)
  })
  if (!found) return notNow('getChannelConfig failed')
  const { targets, missing } = found
  const first = targets[0]
  if (!first) return refuse(404, `no channel for ${missing.join(', ') || 'this request'}`)
  if (request.method === 'GET') {
    const answer = integration.adapter.handshake?.(request, first.channel)
    return answer ? answered(answer) : refuse(405, 'nothing to verify by GET')
  }
  for (const { channel } of targets) {
    const verdict = await integration.adapter.verify(request, channel, { now: ctx.now })
    if (!verdict.ok) return refuse(401, `${channel.id}: ${verdict.reason}`)
  }
  const handshake = integration.adapter.handshake?.(request, first.channel)
  if (handshake) return answered(handshake)
  const receivedAt = new Date(ctx.now()).toISOString()
  const isValid = integration.adapter.validateWebhook?.(request, { ...first, receivedAt }) ?? true
  if (!isValid) return refuse(400, 'validateWebhook said no')
  const events = await normalizeAll(options, targets, receivedAt)
  return store(options, { events, first: first.channel, missing })
}

async function normalizeAll(
  options: ReceiveOptions,
  targets: readonly Target[],
  receivedAt: string,
): Promise<InboundEvent[]> {
  const { integration, request, ctx } = options
  const events: InboundEvent[] = []
  for (const target of targets) {
    const context = { ...target, receivedAt }
    try {
      events.push(...(await integration.adapter.normalize(request, context)))
    } catch (error) {
      ctx.logger.warn('A verified webhook could not be read and is kept as it is', {
        channelId: target.channel.id,
        error: messageOf(error),
      })
      const raw = { body: Buffer.from(request.body).toString('latin1'), encoding: 'latin1' }
      const reason = 'the body could not be read'
      events.push(unknownEvent({ platform: integration.adapter.platform, reason, raw }, context))
    }
  }
  return events
}

async function store(
  options: ReceiveOptions,
  found: { events: InboundEvent[]; first: Channel<unknown>; missing: string[] },
): Promise<ReceiveResult> {
  const { transport, ctx } = options
  const { events, missing } = found
  const outcomes = await publishEvents(events, { transport, ctx })
  const count = (status: string) => outcomes.filter((outcome) => outcome.status === status).length
  const failed = events.length - count('stored') - count('duplicate')
  const counts = {
    messages: events.length,
    stored: count('stored'),
    duplicates: count('duplicate'),
    failed,
  }
  if (failed > 0 || missing.length > 0) {
    const failure = outcomes.find((outcome) => outcome.status === 'failed')
    const reason =
      failure?.status === 'failed' ? failure.error.message : `no channel for ${missing.join(', ')}`
    ctx.logger.error('A webhook was not acknowledged', { ...counts, reason })
    return { ...notNow(reason), ...counts }
  }
  const special = answerOf(options, { events, first: found.first })
  const body = JSON.stringify({ success: true, ...counts })
  const response: RawResponse = special
    ? { ...special, headers: { ...special.headers, ...STORED_HEADER } }
    : { status: 200, headers: { 'content-type': 'application/json', ...STORED_HEADER }, body }
  return { success: true, ...counts, response }
}

/** What is stored is acknowledged, also when the platform's own answer cannot be made. */
function answerOf(
  { integration, request, ctx }: ReceiveOptions,
  found: { events: InboundEvent[]; first: Channel<unknown> },
): RawResponse | undefined {
  try {
    return integration.adapter.respond?.(found.events, request, found.first)
  } catch (error) {
    ctx.logger.error('The answer to a stored webhook failed', { error: messageOf(error) })
    return undefined
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Says no, and to the platform nothing more. */
export function refuse(status: number, reason: string): ReceiveResult {
  return { ...nothing, success: false, reason, response: { status } }
}

/** The platform's next attempt may find us in order; what was stored already is known by its id. */
function notNow(reason: string): ReceiveResult {
  const response = { status: 503, headers: { 'retry-after': RETRY_AFTER_SECONDS } }
  return { ...nothing, success: false, reason, response }
}

function answered(response: RawResponse): ReceiveResult {
  return { ...nothing, success: response.status < 400, response }
}

const nothing = { messages: 0, stored: 0, duplicates: 0, failed: 0 }
