export type { Check } from './check.ts'
export {
  type MessageTransportContractOptions,
  messageTransportContract,
} from './message-transport-contract.ts'
export {
  type PlatformAdapterContractOptions,
  platformAdapterContract,
} from './platform-adapter-contract.ts'
export {
  createPlatformSimulator,
  MAX_CALLS,
  type PlatformSimulator,
  type PlatformSimulatorOptions,
} from './platform-simulator.ts'
export type { DeliveryOptions, DeliveryReport } from './platform-simulator-delivery.ts'
export type {
  SimulatedFault,
  SimulatedMediaFault,
  SimulatedRateLimit,
} from './platform-simulator-server.ts'
export type {
  SignedWebhook,
  SimulatedAccount,
  SimulatedApiAnswer,
  SimulatedApiCall,
  SimulatedEvent,
  SimulatedFile,
  SimulatedMedium,
  SimulatedPlatform,
  SimulatedSend,
  SimulatedSetup,
  SimulatedWorld,
  UnsignedWebhook,
} from './simulated-platform.ts'
export { defineSimulatedPlatform } from './simulated-platform.ts'
export { type SimulatedPlatformName, simulatedPlatforms } from './simulated-platforms.ts'
