import { join } from 'node:path'
import type { MessageTransport } from '@mortise/messaging-sdk'
import { createNatsMessageTransport } from '@mortise/messaging-sdk/nats'
import { createSqliteMessageTransport } from '@mortise/messaging-sdk/sqlite'
import type { DemoConfig } from './config.ts'

const PREFIX = 'mortise-demo'

/** One SQLite file, or the JetStream server of the configuration. */
export async function openTransport(config: DemoConfig): Promise<MessageTransport> {
  if (config.natsUrl)
    return await createNatsMessageTransport({ servers: config.natsUrl, prefix: PREFIX })
  return createSqliteMessageTransport({ path: join(config.folder, 'messages.db') })
}
