export {
  createMemoryMessageTransport,
  type MemoryMessageTransportOptions,
} from './memory-message-transport.ts'
