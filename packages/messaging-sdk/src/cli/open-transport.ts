import type { MessageTransport } from '../message-transport.ts'
import { UsageError } from './cli-io.ts'

const SQLITE = 'sqlite:'

/**
 * The transport that an address names: `sqlite:<path>`, or `nats://…` and its kin. The client of NATS is asked for
 * only then.
 */
export async function openTransport(options: {
  transport?: string | undefined
  prefix?: string | undefined
}): Promise<MessageTransport> {
  const address = options.transport
  if (address?.startsWith(SQLITE)) {
    const { createSqliteMessageTransport } = await import('../sqlite/index.ts')
    return createSqliteMessageTransport({ path: address.slice(SQLITE.length) })
  }
  if (address && /^(nats|tls|ws|wss):\/\//.test(address)) {
    const { createNatsMessageTransport } = await import('../nats/index.ts')
    const { prefix } = options
    return createNatsMessageTransport({ servers: address, ...(prefix && { prefix }) })
  }
  throw new UsageError(
    `--transport must be sqlite:<path> or nats://<host>, but is ${address ?? 'missing'}`,
  )
}
