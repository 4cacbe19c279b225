export {
  type InstrumentationOptions,
  instrumentIntegrationService,
} from './instrument-integration-service.ts'
export { instrumentMessageTransport } from './instrument-message-transport.ts'
