import type { JetStreamClient, JetStreamPublishOptions } from '@nats-io/jetstream'
import { isNobodyThere } from './nats-errors.ts'

/** Stores one message; resolves when the server has it. */
export type StreamWriter = (
  subject: string,
  data: string,
  options?: Partial<JetStreamPublishOptions>,
) => Promise<void>

/**
 * Writes to streams, and makes them anew where they are gone: a server that comes back without its disk would
 * otherwise be refused for ever.
 */
export function createStreamWriter(
  client: JetStreamClient,
  prepare: () => Promise<unknown>,
): StreamWriter {
  return async (subject, data, options) => {
    try {
      await client.publish(subject, data, options)
    } catch (error) {
      if (!isNobodyThere(error)) throw error
      await prepare()
      await client.publish(subject, data, options)
    }
  }
}
