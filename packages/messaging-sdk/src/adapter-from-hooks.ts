import { type IntegrationError, isIntegrationError, TransientError } from '@mortise/errors'
import type { BaseSpec } from './define-integration.ts'
import { eventBase, unknownEvent } from './event-base.ts'
import type { InboundEvent } from './inbound-event.ts'
import { inboundEventProblem } from './inbound-event-schema.ts'
import type { IntegrationAdapter } from './integration-adapter.ts'
import type { Channel } from './integration-config.ts'
import type { IntegrationHooks, SendResult, WebhookEvent } from './integration-hooks.ts'
import type { MessagePart } from './message-part.ts'
import type { NormalizedMessage } from './normalized-message.ts'
import type { OutboundMessage, OutboundPart } from './outbound-message.ts'
import type { NormalizeContext, PlatformCapabilities } from './platform-adapter.ts'
import type { RawRequest, RawResponse } from './raw-request.ts'
import type { SendOutcome } from './send-outcome.ts'

type Hooks = IntegrationHooks<unknown> & { spec: BaseSpec }

/** Longer than any platform we know redelivers. */
const DEFAULT_HORIZON_MS = 7 * 24 * 60 * 60 * 1000

const defaultCapabilities: PlatformCapabilities = {
  send: ['text', 'media'],
  receive: ['message.received', 'unknown'],
  media: { link: true, upload: false },
  replies: false,
  idempotencyKeys: false,
  signedTime: false,
  redeliveryHorizonMs: DEFAULT_HORIZON_MS,
}

/** Makes the original's hooks look like a platform adapter. */
export function adapterFromHooks(hooks: Hooks): IntegrationAdapter {
  const { platform } = hooks.spec
  return {
    platform,
    displayName: hooks.spec.name,
    capabilities: { ...defaultCapabilities, ...hooks.platformCapabilities },
    requiredCredentials: [],
    route: () => [],
    verify: async (request, channel, { now }) => {
      if (!hooks.validateSignature) {
        return hooks.acceptUnsigned === true
          ? { ok: true }
          : { ok: false, reason: 'no validateSignature hook' }
      }
      const webhook = webhookOf(request, { channel, receivedAt: new Date(now()).toISOString() })
      const ok = await hooks.validateSignature({ ...webhook, platform }, channel)
      return ok === true ? { ok } : { ok: false, reason: 'validateSignature said no' }
    },
    handshake: (request) => handshake(hooks, request),
    ...(hooks.validateWebhook && {
      validateWebhook: (request: RawRequest, context: NormalizeContext<unknown>) =>
        hooks.validateWebhook?.({ ...webhookOf(request, context), platform }) === true,
    }),
    normalize: async (request, context) => {
      const messages = await hooks.normalize({ ...webhookOf(request, context), platform })
      return messages.map((message) => checked(message, { platform, context }))
    },
    send: async (part, message, channel, context) => {
      const normalized = outbound(part, message, channel, platform, context)
      try {
        return outcomeOf(await hooks.sendMessage(context.app, normalized, channel))
      } catch (thrown) {
        return thrownOutcome(thrown)
      }
    },
    ...(hooks.checkHealth && {
      checkHealth: async (channel, context) =>
        (await hooks.checkHealth?.(context.app, channel)) ?? { status: 'unhealthy' },
    }),
    ...(hooks.validateCredentials && { validateCredentials: hooks.validateCredentials }),
  }
}

function handshake(hooks: Hooks, request: RawRequest): RawResponse | undefined {
  if (request.method !== 'GET' || !hooks.verifyWebhook) return undefined
  const query = request.query()
  const read = (name: string) => query.get(`hub.${name}`) ?? query.get(name) ?? ''
  const params = {
    mode: read('mode'),
    token: query.get('hub.verify_token') ?? read('token'),
    challenge: read('challenge'),
  }
  const answer = hooks.verifyWebhook(params)
  if (typeof answer !== 'string') return { status: 403 }
  return { status: 200, headers: { 'content-type': 'text/plain' }, body: answer }
}

function webhookOf(
  request: RawRequest,
  context: NormalizeContext<unknown>,
): Omit<WebhookEvent, 'platform'> {
  return {
    tenantId: context.channel.tenantId,
    channelId: context.channel.id,
    payload: payloadOf(request),
    rawBody: request.body,
    headers: { ...request.headers },
    timestamp: Date.parse(context.receivedAt),
  }
}

function payloadOf(request: RawRequest): unknown {
  const type = request.headers['content-type'] ?? ''
  if (type.startsWith('application/x-www-form-urlencoded')) {
    return Object.fromEntries(new URLSearchParams(request.text()))
  }
  return request.json()
}

function received(
  message: NormalizedMessage,
  options: { platform: string; context: NormalizeContext<unknown> },
): InboundEvent {
  const { platform, context } = options
  const { text, media } = message.content
  const parts: MessagePart[] = [
    ...(text === undefined ? [] : [{ type: 'text', text, format: 'plain' } as const]),
    ...(media ? [mediaPart(media)] : []),
  ]
  const base = eventBase(
    {
      platform,
      providerKey: message.id,
      conversation: { id: message.conversationId, kind: 'unknown' },
      occurredAt: new Date(message.timestamp).toISOString(),
      raw: message,
    },
    context,
  )
  const party = ({ id, name }: NormalizedMessage['from']) => ({
    ids: [{ kind: 'user', value: id }],
    primary: id,
    ...(name && { name }),
  })
  return {
    ...base,
    type: 'message.received',
    from: party(message.from),
    to: party(message.to),
    messageId: message.id,
    parts,
    origin: 'user',
  }
}

/** What a hook of your own answers is checked; what is wrong is kept as an unknown event. */
function checked(
  message: NormalizedMessage | InboundEvent,
  options: { platform: string; context: NormalizeContext<unknown> },
): InboundEvent {
  const { platform, context } = options
  let problem: string | undefined
  try {
    const event = 'specversion' in message ? message : received(message, options)
    problem = inboundEventProblem(event)
    if (problem === undefined) return event
  } catch (error) {
    problem = error instanceof Error ? error.message : String(error)
  }
  return unknownEvent({ platform, reason: `normalize: ${problem}`, raw: message }, context)
}

function mediaPart(media: { url: string; mimeType?: string }): MessagePart {
  const ref = URL.canParse(media.url) ? { url: media.url } : { providerId: media.url }
  const family = media.mimeType?.split('/')[0]
  const kind = family === 'image' || family === 'video' || family === 'audio' ? family : 'document'
  return { type: 'media', kind, ref, ...(media.mimeType && { mime: media.mimeType }) }
}

function outbound(
  part: OutboundPart,
  message: OutboundMessage,
  channel: Channel<unknown>,
  platform: string,
  context: { now: () => number; idempotencyKey: string },
): NormalizedMessage {
  const text = part.type === 'text' ? part.text : part.type === 'media' ? part.caption : undefined
  const url = part.type === 'media' ? (part.url ?? part.providerId) : undefined
  const mimeType = part.type === 'media' ? part.mime : undefined
  return {
    id: context.idempotencyKey,
    conversationId: message.to.id,
    from: { id: channel.id },
    to: { id: message.to.id },
    content: {
      type: url ? 'FILE' : 'TEXT',
      ...(text !== undefined && { text }),
      ...(url && { media: { url, ...(mimeType && { mimeType }) } }),
    },
    timestamp: context.now(),
    platform,
    ...(message.metadata && { metadata: message.metadata }),
  }
}

function outcomeOf(result: SendResult): SendOutcome {
  if (result.success) {
    return { outcome: 'sent', ...(result.messageId && { messageId: result.messageId }) }
  }
  // The author saw an answer and calls it a failure: nothing was accepted.
  return failure(result.error, 'rejected')
}

function thrownOutcome(thrown: unknown): SendOutcome {
  return failure(thrown, 'unknown')
}

function failure(thrown: unknown, outcome: 'rejected' | 'unknown'): SendOutcome {
  const error: IntegrationError = isIntegrationError(thrown)
    ? thrown
    : new TransientError(thrown instanceof Error ? thrown.message : 'sendMessage failed', {
        cause: thrown,
        outcome,
      })
  if (error.kind === 'auth' || error.kind === 'permanent') return { outcome: error.kind, error }
  if (error.kind === 'rate_limit') return { outcome: 'throttled', error }
  return { outcome: error.outcome === 'unknown' ? 'unknown' : 'retryable', error }
}
