import type { ActionSchema, Context, ServiceSchema } from 'moleculer'
import type { AppMeta } from '../integration-context.ts'
import type { IntegrationActionName } from '../integration-permissions.ts'
import type { IntegrationService } from '../integration-service.ts'
import type { ConsumeOptions, Delivery, Subscription } from '../message-transport.ts'
import type { NormalizedMessage } from '../normalized-message.ts'
import type { OutboundMessage } from '../outbound-message.ts'
import { createRawRequest } from '../raw-request.ts'
import type { ReceiveResult } from '../receive-webhook.ts'
import { moleculerError, refusedWebhook } from './moleculer-errors.ts'
import { rawBodyOf } from './raw-body-of.ts'

/** A consumer that lives as long as the service. */
export interface MoleculerChannel extends Omit<ConsumeOptions, 'channels' | 'group'> {
  /** One channel's alone. Default: the names of the service and the channel, `support-message-received`. */
  group?: string
  handler: (payload: unknown, delivery: Delivery) => Promise<void>
}

/** What the schema has besides the six actions. */
export interface MoleculerDoorOptions {
  /** Default: the integration's name. */
  name?: string
  version?: string | number
  settings?: Record<string, unknown>
  /** Consumers by channel name (`INTEGRATION_CHANNELS.MESSAGE_RECEIVED`), started and stopped with the service. */
  channels?: Record<string, MoleculerChannel>
}

/** A call as Moleculer hands it on: gateways fill `meta`. */
type Call<Params> = Context<Params, AppMeta & GatewayMeta>

/** What moleculer-web reads to answer. */
interface GatewayMeta {
  $statusCode?: number
  $responseType?: string
  $responseHeaders?: Record<string, string>
}

interface WebhookParams {
  channelId?: string
  /** The bytes as they came, or their text. Signatures cover these; a parsed `payload` cannot be verified. */
  rawBody?: Uint8Array | string
  headers?: Record<string, string>
  /** The public URL, where the platform signs it. */
  url?: string
}

/**
 * The integration as a Moleculer service with the six actions and their REST paths. Give it to
 * `broker.createService`; the service is closed when the broker stops.
 *
 * @throws {TypeError} when two channels name the same group.
 */
export function createMoleculerServiceSchema(
  service: IntegrationService,
  options: MoleculerDoorOptions = {},
): ServiceSchema {
  const { spec } = service.integration
  const name = options.name ?? service.integration.name
  const consumers = consumersOf(options.channels ?? {}, name)
  const subscriptions: Subscription[] = []
  return {
    name,
    ...(options.version !== undefined && { version: options.version }),
    settings: { ...options.settings },
    metadata: { spec },
    actions: actionsOf(service),
    async started() {
      for (const { handler, ...consumeOptions } of consumers) {
        const subscription = await service.transport.consume(consumeOptions, (delivery) =>
          handler(delivery.envelope.payload, delivery),
        )
        subscriptions.push(subscription)
      }
    },
    async stopped() {
      await Promise.all(subscriptions.map((subscription) => subscription.close()))
      await service.close()
    },
  }
}

/** Each channel with a group to itself: a group has one list of channels, and one handler. */
function consumersOf(channels: Record<string, MoleculerChannel>, name: string) {
  const groups = new Set<string>()
  return Object.entries(channels).map(([channel, { group: given, ...consumer }]) => {
    const words = channel.split('.').slice(-2).join('-') // without the namespace
    const group = given ?? `${name}-${words}`.replace(/[^A-Za-z0-9_-]/g, '-')
    if (groups.has(group)) {
      throw new TypeError(
        `channels must have a group each, but ${channel} names group "${group}" again`,
      )
    }
    groups.add(group)
    return { ...consumer, group, channels: [channel] }
  })
}

/** An action with the path that moleculer-web makes of it. */
type RestAction = ActionSchema & { rest: { method: 'GET' | 'POST'; path: string } }

function actionsOf(service: IntegrationService): Record<IntegrationActionName, RestAction> {
  return {
    i_receiveWebhook: {
      rest: { method: 'POST', path: '/:channelId' },
      params: {
        channelId: { type: 'string', optional: true },
        rawBody: { type: 'any', optional: true },
        headers: { type: 'object', optional: true },
        url: { type: 'string', optional: true },
      },
      handler: (ctx: Call<WebhookParams>) => receive(service, ctx),
    },
    i_sendMessage: {
      rest: { method: 'POST', path: '/send' },
      params: { message: 'object', channelId: 'string' },
      handler: (ctx: Call<{ message: OutboundMessage | NormalizedMessage; channelId: string }>) =>
        ours(async () => {
          const { message, channelId } = ctx.params
          const result = await service.sendMessage(message, { channelId, meta: metaOf(ctx) })
          return { ...result, ...(result.error && { error: result.error.toJSON() }) }
        }),
    },
    i_healthCheck: {
      rest: { method: 'GET', path: '/health' },
      params: { channelId: { type: 'string', optional: true } },
      handler: (ctx: Call<{ channelId?: string }>) =>
        ours(() => service.checkHealth({ ...ctx.params, meta: metaOf(ctx) })),
    },
    i_verifyWebhook: {
      rest: { method: 'GET', path: '/webhook' },
      handler: (ctx: Call<Record<string, string>>) => verify(service, ctx),
    },
    i_status: {
      rest: { method: 'GET', path: '/status' },
      handler: (ctx: Call<unknown>) => ours(() => service.status({ meta: metaOf(ctx) })),
    },
    i_validateCredentials: {
      rest: { method: 'POST', path: '/validate' },
      params: { credentials: 'object' },
      handler: (ctx: Call<{ credentials: Record<string, string> }>) =>
        ours(() => service.validateCredentials(ctx.params.credentials, { meta: metaOf(ctx) })),
    },
  }
}

async function receive(service: IntegrationService, ctx: Call<WebhookParams>): Promise<unknown> {
  const { channelId, headers = {}, url } = ctx.params
  const body = rawBodyOf(ctx.params)
  const request = createRawRequest({
    method: 'POST',
    url: url ?? 'http://localhost/',
    headers,
    body,
  })
  const call = { channelId, meta: metaOf(ctx) }
  const result = await ours(() => service.receiveWebhook(request, call))
  return answer(ctx, result)
}

async function verify(
  service: IntegrationService,
  ctx: Call<Record<string, string>>,
): Promise<unknown> {
  const { channelId, mode, token, challenge, ...rest } = ctx.params
  // The original's names, and the platform's own query as a gateway hands it on.
  const query = new URLSearchParams(rest)
  for (const [key, value] of [
    ['hub.mode', mode],
    ['hub.verify_token', token],
    ['hub.challenge', challenge],
  ] as const) {
    if (value !== undefined) query.set(key, value)
  }
  const url = `http://localhost/?${query}`
  const request = createRawRequest({ method: 'GET', url, headers: {} })
  const call = { channelId, meta: metaOf(ctx) }
  return answer(ctx, await ours(() => service.receiveWebhook(request, call)))
}

/** Tells the gateway status and headers; a refusal is an error with the platform's status. */
function answer(ctx: Call<unknown>, result: ReceiveResult): unknown {
  const { response, reason, ...counts } = result
  if (response.status >= 400) throw refusedWebhook(response)
  const { 'content-type': type, ...headers } = response.headers ?? {}
  ctx.meta.$statusCode = response.status
  ctx.meta.$responseHeaders = headers
  if (type !== undefined) ctx.meta.$responseType = type
  return type === undefined || type === 'application/json'
    ? (bodyOf(response.body) ?? counts)
    : response.body
}

function bodyOf(body: string | undefined): unknown {
  return body === undefined ? undefined : (JSON.parse(body) as unknown)
}

/** The caller's own fields; the correlation id is Moleculer's request id unless somebody set one. */
function metaOf(ctx: Call<unknown>): AppMeta {
  const { $statusCode, $responseType, $responseHeaders, ...meta } = ctx.meta
  const requestId = ctx.requestID ?? undefined
  return {
    ...meta,
    ...(requestId && { requestId, correlationId: meta.correlationId ?? requestId }),
  }
}

async function ours<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw moleculerError(error)
  }
}
