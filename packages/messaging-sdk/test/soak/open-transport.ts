import type { MessageTransport } from '../../src/index.ts'
import { createNatsMessageTransport } from '../../src/nats/index.ts'
import { createSqliteMessageTransport } from '../../src/sqlite/index.ts'

/** The transport that an address names: `sqlite:<path>` or `nats://…`. */
export async function openTransport(address: string): Promise<MessageTransport> {
  if (address.startsWith('sqlite:')) {
    return createSqliteMessageTransport({ path: address.slice('sqlite:'.length) })
  }
  return createNatsMessageTransport({ servers: address, prefix: 'soak' })
}
