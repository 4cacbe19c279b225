import { join } from 'node:path'
import type { MessageTransport } from '@mortise/messaging-sdk'
import { createNatsMessageTransport } from '@mortise/messaging-sdk/nats'
import { createSqliteMessageTransport } from '@mortise/messaging-sdk/sqlite'
import type { DemoConfig } from './config.ts'
import { reach } from './reach.ts'

const PREFIX = 'mortise-demo'

/** One SQLite file, or the JetStream server of the configuration. */
export async function openTransport(config: DemoConfig): Promise<MessageTransport> {
  const { natsUrl } = config
  if (natsUrl === undefined)
    return createSqliteMessageTransport({ path: join(config.folder, 'messages.db') })
  return await reach({ what: 'NATS', address: natsUrl, variables: ['NATS_URL'] }, () =>
    createNatsMessageTransport({ servers: natsUrl, prefix: PREFIX }),
  )
}
