import type { BaseSpec } from './base-spec.ts'
import { eventFromHook, messageForHook } from './hook-messages.ts'
import { outcomeOfResult, outcomeOfThrown } from './hook-outcome.ts'
import type { IntegrationAdapter } from './integration-adapter.ts'
import type { IntegrationHooks, WebhookEvent } from './integration-hooks.ts'
import type { NormalizeContext, PlatformCapabilities } from './platform-adapter.ts'
import type { RawRequest, RawResponse } from './raw-request.ts'

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
      const webhook = webhookOf(request, {
        platform,
        channel,
        receivedAt: new Date(now()).toISOString(),
      })
      try {
        const ok = await hooks.validateSignature(webhook, channel)
        return ok === true ? { ok } : { ok: false, reason: 'validateSignature said no' }
      } catch {
        return { ok: false, reason: 'validateSignature threw' } // its words may hold the secret
      }
    },
    handshake: (request) => handshake(hooks, request),
    ...(hooks.validateWebhook && {
      validateWebhook: (request: RawRequest, context: NormalizeContext<unknown>) => {
        try {
          return hooks.validateWebhook?.(webhookOf(request, { ...context, platform })) === true
        } catch {
          return false // it stumbled over a shape that is not the platform's
        }
      },
    }),
    normalize: async (request, context) => {
      const messages = await hooks.normalize(webhookOf(request, { ...context, platform }))
      return messages.map((message) => eventFromHook(message, { platform, context }))
    },
    send: async (part, message, channel, context) => {
      const normalized = messageForHook(part, { message, channel, platform, context })
      try {
        return outcomeOfResult(await hooks.sendMessage(context.app, normalized, channel))
      } catch (thrown) {
        return outcomeOfThrown(thrown)
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
  context: Pick<NormalizeContext<unknown>, 'channel' | 'receivedAt'> & { platform: string },
): WebhookEvent {
  return {
    tenantId: context.channel.tenantId,
    channelId: context.channel.id,
    platform: context.platform,
    get payload() {
      return payloadOf(request) // on demand: a signature covers bytes that may be no JSON at all
    },
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
