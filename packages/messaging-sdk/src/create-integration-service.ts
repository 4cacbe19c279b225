import { PermanentError } from '@mortise/errors'
import type { InboundEvent } from './inbound-event.ts'
import { inboundEventProblem } from './inbound-event-schema.ts'
import { INTEGRATION_CHANNELS } from './integration-channels.ts'
import type { IntegrationService, IntegrationServiceOptions } from './integration-service.ts'
import type { Delivery } from './message-transport.ts'
import { parseOutboundMessage } from './outbound-message-schema.ts'
import { receiveWebhook, refuse } from './receive-webhook.ts'
import { checkSendLimits, createSendLimiter } from './send-limiter.ts'
import { sendMessage } from './send-message.ts'
import { sendPolicy } from './send-policy.ts'
import { createServiceChecks } from './service-checks.ts'
import { createServiceScope, type ServiceScope } from './service-scope.ts'

/**
 * Runs an integration over a transport. Nothing listens and nothing is consumed until a door or you ask.
 *
 * @throws {TypeError} naming the option that is missing or wrong.
 */
export function createIntegrationService(options: IntegrationServiceOptions): IntegrationService {
  if (!options?.integration?.adapter) {
    throw new TypeError('integration must be what defineIntegration answered')
  }
  if (typeof options.transport?.publish !== 'function') {
    throw new TypeError('transport must be a MessageTransport, for example of /sqlite')
  }
  const scope = createServiceScope(options)
  const { integration } = scope
  const { transport } = options
  return {
    integration,
    transport,
    context: scope.context,
    close: scope.close,
    [Symbol.asyncDispose]: scope.close,
    receiveWebhook: async (request, call = {}) => {
      const action = request.method === 'GET' ? 'i_verifyWebhook' : 'i_receiveWebhook'
      const ctx = await scope.enter(action, call.meta).catch(() => undefined)
      if (!ctx) return refuse(403, `${action} is not permitted`)
      return receiveWebhook({ integration, transport, request, channelId: call.channelId, ctx })
    },
    sendMessage: createSend(scope, options),
    ...createServiceChecks(scope, transport),
    consume: async (consumeOptions, handler) => {
      if (typeof handler !== 'function') throw new TypeError('the handler must be a function')
      const { MESSAGE_RECEIVED, EVENT_RECEIVED } = INTEGRATION_CHANNELS
      const channels = consumeOptions.channels ?? [MESSAGE_RECEIVED, EVENT_RECEIVED]
      return transport.consume({ ...consumeOptions, channels }, (delivery) =>
        handler(eventOf(delivery), delivery),
      )
    },
  }
}

function createSend(
  scope: ServiceScope,
  options: IntegrationServiceOptions,
): IntegrationService['sendMessage'] {
  const { integration } = scope
  const { transport, random = Math.random } = options
  const limiter = createSendLimiter(options.now ?? Date.now)
  const own = integration.adapter.capabilities.limits
  const limits = options.limits === false ? {} : { ...own, ...options.limits }
  checkSendLimits(limits)
  sendPolicy(options.send)
  return async (given, call) => {
    const { channelId, meta, signal, ...ofCall } = call ?? {}
    if (typeof channelId !== 'string') throw new TypeError('channelId must be a string')
    const policy = sendPolicy(options.send, ofCall)
    const parsed = parseOutboundMessage(given)
    const ctx = await scope.enter('i_sendMessage', meta)
    const channel = await scope.channelOf(channelId, ctx)
    const transformed = await integration.transform?.(ctx, parsed)
    return sendMessage({
      integration,
      transport,
      channel,
      message: transformed ? parseOutboundMessage(transformed) : parsed,
      ctx,
      policy,
      limiter,
      limits,
      random,
      signal,
    })
  }
}

/** What a store hands out may be older than this version, or somebody else's. */
function eventOf({ envelope }: Delivery): InboundEvent {
  const { event } = (envelope.payload ?? {}) as { event?: unknown }
  const problem = inboundEventProblem(event)
  if (problem === undefined) return event as InboundEvent
  throw new PermanentError(`${envelope.id} is no event: ${problem}`, {
    code: 'MESSAGING_EVENT_INVALID',
  })
}
