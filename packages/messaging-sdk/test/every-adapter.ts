import { createDiscordPlatformAdapter } from '../src/discord/index.ts'
import { createLinePlatformAdapter } from '../src/line/index.ts'
import { createMessengerPlatformAdapter } from '../src/messenger/index.ts'
import type { PlatformAdapter } from '../src/platform-adapter.ts'
import { createSlackPlatformAdapter } from '../src/slack/index.ts'
import { createTelegramPlatformAdapter } from '../src/telegram/index.ts'
import type { SimulatedPlatformName } from '../src/testing/index.ts'
import { createTwilioPlatformAdapter } from '../src/twilio/index.ts'
import { createWhatsAppPlatformAdapter } from '../src/whatsapp/index.ts'

/** An adapter whose credentials are whatever the simulated account calls them. */
export type AnyAdapter = PlatformAdapter<Record<string, string>>

/** Makes an adapter that sends to this address. */
export type CreateAdapter = (options: { baseUrl: string }) => AnyAdapter

/** How each simulated platform's adapter is made. */
export const everyAdapter = {
  discord: createDiscordPlatformAdapter,
  instagram: createMessengerPlatformAdapter,
  line: createLinePlatformAdapter,
  messenger: createMessengerPlatformAdapter,
  slack: createSlackPlatformAdapter,
  telegram: createTelegramPlatformAdapter,
  twilio: createTwilioPlatformAdapter,
  whatsapp: createWhatsAppPlatformAdapter,
} as unknown as Record<SimulatedPlatformName, CreateAdapter>
