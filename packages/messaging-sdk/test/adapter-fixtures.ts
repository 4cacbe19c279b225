import type { Channel } from '../src/integration-config.ts'
import type { SendContext } from '../src/platform-adapter.ts'

/** A channel with these credentials. */
export function channelOf<TCredentials>(credentials: TCredentials): Channel<TCredentials> {
  return { id: 'channel-1', tenantId: 'tenant-1', credentials }
}

/** A context over the real network, for sends to the simulator. */
export function sendContext(changes: Partial<SendContext> = {}): SendContext {
  return {
    fetch: globalThis.fetch,
    now: Date.now,
    signal: AbortSignal.timeout(5000),
    idempotencyKey: 'key-1',
    correlationId: 'correlation-1',
    ...changes,
  }
}
