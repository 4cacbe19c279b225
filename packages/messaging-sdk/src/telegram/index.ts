export type { TelegramCredentials } from './telegram-credentials.ts'
export {
  createTelegramPlatformAdapter,
  type TelegramPlatformAdapterOptions,
} from './telegram-platform-adapter.ts'
