export {
  createSqliteMessageTransport,
  type SqliteMessageTransportOptions,
} from './sqlite-message-transport.ts'
