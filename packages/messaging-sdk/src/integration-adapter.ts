import type { InboundEvent } from './inbound-event.ts'
import type { Channel } from './integration-config.ts'
import type { IntegrationContext } from './integration-context.ts'
import type { OutboundMessage, OutboundPart } from './outbound-message.ts'
import type {
  HealthResult,
  NormalizeContext,
  PlatformAdapter,
  SendContext,
} from './platform-adapter.ts'
import type { RawRequest } from './raw-request.ts'
import type { SendOutcome } from './send-outcome.ts'

/** The calls of an adapter, together with the context of the integration. */
export type WithApp<T> = T & { app: IntegrationContext }

/**
 * The adapter behind an integration: a platform adapter, or the original's hooks made to look like one,
 * which may be asynchronous and see the integration's context.
 */
export interface IntegrationAdapter
  extends Pick<
    PlatformAdapter<unknown>,
    'platform' | 'displayName' | 'capabilities' | 'route' | 'verify' | 'handshake' | 'respond'
  > {
  requiredCredentials: readonly string[]
  /** `false`: the payload is not what the platform sends, and is refused. */
  validateWebhook?: (request: RawRequest, context: NormalizeContext<unknown>) => boolean
  normalize: (
    request: RawRequest,
    context: NormalizeContext<unknown>,
  ) => InboundEvent[] | Promise<InboundEvent[]>
  send: (
    part: OutboundPart,
    message: OutboundMessage,
    channel: Channel<unknown>,
    context: WithApp<SendContext>,
  ) => Promise<SendOutcome>
  resolveMedia?: PlatformAdapter<unknown>['resolveMedia']
  checkHealth?: (
    channel: Channel<unknown>,
    context: WithApp<Pick<SendContext, 'fetch' | 'signal' | 'now'>>,
  ) => Promise<HealthResult>
  validateCredentials?: PlatformAdapter<unknown>['validateCredentials']
}
