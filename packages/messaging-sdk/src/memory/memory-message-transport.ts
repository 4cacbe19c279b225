import type { MessageTransport } from '../message-transport.ts'
import {
  createSqliteMessageTransport,
  type SqliteMessageTransportOptions,
} from '../sqlite/sqlite-message-transport.ts'

/** Clocks and limits, as in the `/sqlite` transport. */
export type MemoryMessageTransportOptions = Omit<
  SqliteMessageTransportOptions,
  'path' | 'synchronous'
>

/** Events in memory, for tests and first steps: the embedded transport without its file. Nothing survives. */
export function createMemoryMessageTransport(
  options: MemoryMessageTransportOptions = {},
): MessageTransport {
  return createSqliteMessageTransport({ ...options, path: ':memory:' })
}
