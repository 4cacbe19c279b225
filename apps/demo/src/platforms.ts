import {
  createIntegrationService,
  defineIntegration,
  type IntegrationService,
  type MessageTransport,
  type PlatformAdapter,
} from '@mortise/messaging-sdk'
import { createDiscordPlatformAdapter } from '@mortise/messaging-sdk/discord'
import { createLinePlatformAdapter } from '@mortise/messaging-sdk/line'
import { createMessengerPlatformAdapter } from '@mortise/messaging-sdk/messenger'
import { createSlackPlatformAdapter } from '@mortise/messaging-sdk/slack'
import { createTelegramPlatformAdapter } from '@mortise/messaging-sdk/telegram'
import { createTwilioPlatformAdapter } from '@mortise/messaging-sdk/twilio'
import { createWhatsAppPlatformAdapter } from '@mortise/messaging-sdk/whatsapp'

/** The platforms that the demo plays itself. The first one tells the story. */
export const SIMULATED_NAMES = ['whatsapp', 'telegram', 'slack', 'messenger'] as const

/** The platforms that a real account can be on. */
export const PLATFORM_NAMES = [...SIMULATED_NAMES, 'discord', 'twilio', 'line'] as const

/** One of {@link PLATFORM_NAMES}. */
export type PlatformName = (typeof PLATFORM_NAMES)[number]

/** Where a platform's API is, and the account on it: plain data, so that a worker process can be told. */
export interface PlatformAccount {
  name: PlatformName
  /** Absent: where the platform itself is. */
  apiUrl?: string
  credentials: Record<string, string>
}

/** A platform as the pipeline uses it. */
export interface OpenPlatform extends PlatformAccount {
  service: IntegrationService
  channelId: string
}

const TENANT_ID = 'acme'

/** An integration over the account, on the given transport. `limits: false` sends as fast as asked. */
export function openPlatform(
  account: PlatformAccount,
  transport: MessageTransport,
  limits?: false,
): OpenPlatform {
  const { name, apiUrl, credentials } = account
  const channelId = channelIdOf(name)
  const channel = { id: channelId, tenantId: TENANT_ID, credentials }
  const integration = defineIntegration({
    name,
    adapter: adapterOf(name, apiUrl),
    getChannelConfig: () => channel, // one channel a platform, whatever account the webhook names
  })
  const service = createIntegrationService({
    integration,
    transport,
    ...(limits === false && { limits }),
  })
  return { ...account, channelId, service }
}

/** What webhooks of a platform are posted to, below the address of the receiver. */
export function webhookPath(name: PlatformName): string {
  return `/hooks/${name}/webhook/${channelIdOf(name)}`
}

/** The platform's adapter; an API elsewhere is a simulated one, or one of your own. */
export function adapterOf(name: PlatformName, apiUrl?: string): PlatformAdapter {
  const adapter: unknown = ADAPTERS[name](apiUrl === undefined ? {} : { baseUrl: apiUrl })
  return adapter as PlatformAdapter // credentials are plain data here; each was checked where it came in
}

function channelIdOf(name: PlatformName): string {
  return `acme-${name}`
}

const ADAPTERS = {
  whatsapp: createWhatsAppPlatformAdapter,
  telegram: createTelegramPlatformAdapter,
  slack: createSlackPlatformAdapter,
  messenger: createMessengerPlatformAdapter,
  discord: createDiscordPlatformAdapter,
  twilio: createTwilioPlatformAdapter,
  line: createLinePlatformAdapter,
}
