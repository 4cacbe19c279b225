import { join } from 'node:path'
import type { MessageTransport } from '@mortise/messaging-sdk'
import { createSqliteMessageTransport } from '@mortise/messaging-sdk/sqlite'
import type { DemoConfig } from './config.ts'

/** One SQLite file, or the JetStream server of the configuration. */
export async function openTransport(config: DemoConfig): Promise<MessageTransport> {
  return createSqliteMessageTransport({ path: join(config.folder, 'messages.db') })
}
