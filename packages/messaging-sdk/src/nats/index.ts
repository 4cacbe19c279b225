export type { NatsServers } from './nats-connection.ts'
export {
  createNatsMessageTransport,
  type NatsMessageTransportOptions,
} from './nats-message-transport.ts'
