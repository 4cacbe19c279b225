import { isIntegrationError } from '@mortise/errors'
import {
  INTEGRATION_CHANNELS,
  type IntegrationEventReceivedPayload,
  type Subscription,
} from '@mortise/messaging-sdk'
import type { Parts } from './parts.ts'
import { handleEvent } from './pipeline.ts'

/** A worker that has been silent for so long is taken for dead. Short, because people are watching. */
const ACK_WAIT_MS = 3000

/** Starts a worker: takes stored messages of all platforms, in order within each conversation. */
export async function startPipeline(parts: Parts): Promise<Subscription> {
  const { transport } = parts
  const { MESSAGE_RECEIVED, EVENT_RECEIVED } = INTEGRATION_CHANNELS
  const channels = [MESSAGE_RECEIVED, EVENT_RECEIVED]
  const options = { group: 'pipeline', channels, ackWaitMs: ACK_WAIT_MS }
  return await transport.consume(options, async ({ envelope, attempt }) => {
    const { event } = envelope.payload as IntegrationEventReceivedPayload
    if (attempt > 1) parts.narrator.step('pipeline', `attempt ${attempt}`, 'note')
    await handleEvent(event, parts).catch((error: unknown) => {
      tellFailure(error, parts)
      throw error
    })
  })
}

/** Says which kind of error stopped a message; the transport decides by it what happens next. */
function tellFailure(error: unknown, { narrator }: Parts): void {
  const kind = isIntegrationError(error) ? error.kind : 'unknown'
  const message = error instanceof Error ? error.message : String(error)
  narrator.step('pipeline', `${kind}: ${message}`, 'refused')
}
