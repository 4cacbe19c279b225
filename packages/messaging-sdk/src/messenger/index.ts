export type { MessengerCredentials } from './messenger-credentials.ts'
export {
  createMessengerPlatformAdapter,
  type MessengerPlatformAdapterOptions,
} from './messenger-platform-adapter.ts'
