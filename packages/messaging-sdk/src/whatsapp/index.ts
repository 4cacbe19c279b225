export type { WhatsAppCredentials } from './whatsapp-credentials.ts'
export {
  createWhatsAppPlatformAdapter,
  type WhatsAppPlatformAdapterOptions,
} from './whatsapp-platform-adapter.ts'
