export {
  createNatsMessageTransport,
  type NatsMessageTransportOptions,
} from './nats-message-transport.ts'
