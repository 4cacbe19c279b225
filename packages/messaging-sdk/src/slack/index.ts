export type { SlackCredentials } from './slack-credentials.ts'
export {
  createSlackPlatformAdapter,
  type SlackPlatformAdapterOptions,
} from './slack-platform-adapter.ts'
