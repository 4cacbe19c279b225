export type { LineCredentials } from './line-credentials.ts'
export {
  createLinePlatformAdapter,
  type LinePlatformAdapterOptions,
} from './line-platform-adapter.ts'
