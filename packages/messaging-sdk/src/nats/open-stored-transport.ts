import { PermanentError } from '@mortise/errors'
import { jetstreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import type { MessageTransport } from '../message-transport.ts'
import { connectToNats, type NatsServers } from './nats-connection.ts'
import { isStreamMissing, natsError } from './nats-errors.ts'
import { createNatsMessageTransport, DEFAULT_PREFIX } from './nats-message-transport.ts'
import { type NatsStreamSettings, settingsOf } from './nats-streams.ts'
import { natsNames } from './nats-subjects.ts'

/**
 * The transport that somebody else made: its partitions, retention and copies are read from the server, and
 * nothing is created.
 *
 * @throws {PermanentError} MESSAGING_STREAM_MISMATCH when there is none of that prefix.
 */
export async function openStoredNatsTransport(
  servers: NatsServers,
  prefix: string = DEFAULT_PREFIX,
): Promise<MessageTransport> {
  const connection = await connectToNats(servers)
  try {
    const stored = await storedSettings(connection, prefix)
    const transport = await createNatsMessageTransport({ connection, prefix, ...stored })
    const close = () => transport.close().finally(() => connection.close())
    return { ...transport, close, [Symbol.asyncDispose]: close }
  } catch (error) {
    await connection.close()
    throw error
  }
}

async function storedSettings(
  connection: NatsConnection,
  prefix: string,
): Promise<NatsStreamSettings & { partitions: number }> {
  const stream = natsNames(prefix, 1).events
  const info = await jetstreamManager(connection)
    .then((manager) => manager.streams.info(stream))
    .catch((cause: unknown) => {
      if (!isStreamMissing(cause)) throw natsError(cause)
      const message = `There is no stream ${stream}: is ${prefix} the prefix that the transport was created with?`
      throw new PermanentError(message, { code: 'MESSAGING_STREAM_MISMATCH', cause })
    })
  return settingsOf(info.config)
}
