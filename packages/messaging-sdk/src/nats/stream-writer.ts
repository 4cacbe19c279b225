import type { JetStreamClient, JetStreamPublishOptions } from '@nats-io/jetstream'
import { isNobodyThere } from './nats-errors.ts'

/** Stores one message; resolves when the server has it. */
export type StreamWriter = (
  subject: string,
  data: string,
  options?: Partial<JetStreamPublishOptions>,
) => Promise<unknown>

/**
 * Writes to streams, and makes them anew where they are gone: a server that comes back without its disk would
 * otherwise be refused for ever.
 */
export function createStreamWriter(
  client: JetStreamClient,
  prepare: () => Promise<unknown>,
): StreamWriter {
  return (subject, data, options) =>
    client.publish(subject, data, options).catch(async (error: unknown) => {
      if (!isNobodyThere(error)) throw error
      await prepare()
      return client.publish(subject, data, options)
    })
}
