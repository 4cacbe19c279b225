export type { TwilioCredentials } from './twilio-credentials.ts'
export {
  createTwilioPlatformAdapter,
  type TwilioPlatformAdapterOptions,
} from './twilio-platform-adapter.ts'
