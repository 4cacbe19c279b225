export type { DiscordCredentials } from './discord-credentials.ts'
export {
  createDiscordPlatformAdapter,
  type DiscordPlatformAdapterOptions,
} from './discord-platform-adapter.ts'
