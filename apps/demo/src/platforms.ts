import {
  createIntegrationService,
  defineIntegration,
  type Integration,
  type IntegrationService,
  type MessageTransport,
} from '@mortise/messaging-sdk'
import {
  createMessengerPlatformAdapter,
  type MessengerCredentials,
} from '@mortise/messaging-sdk/messenger'
import { createSlackPlatformAdapter, type SlackCredentials } from '@mortise/messaging-sdk/slack'
import {
  createTelegramPlatformAdapter,
  type TelegramCredentials,
} from '@mortise/messaging-sdk/telegram'
import {
  createWhatsAppPlatformAdapter,
  type WhatsAppCredentials,
} from '@mortise/messaging-sdk/whatsapp'

/** The platforms of the demo. The first one tells the story. */
export const PLATFORM_NAMES = ['whatsapp', 'telegram', 'slack', 'messenger'] as const

/** One of {@link PLATFORM_NAMES}. */
export type PlatformName = (typeof PLATFORM_NAMES)[number]

/** Where a platform's API is, and the account on it: plain data, so that a worker process can be told. */
export interface PlatformAccount {
  name: PlatformName
  apiUrl: string
  credentials: Record<string, string>
}

/** A platform as the pipeline uses it. */
export interface OpenPlatform extends PlatformAccount {
  service: IntegrationService
  channel: { id: string; tenantId: string; credentials: unknown }
}

const TENANT_ID = 'acme'

/** An integration over the account, on the given transport. */
export function openPlatform(account: PlatformAccount, transport: MessageTransport): OpenPlatform {
  const channel = {
    id: `acme-${account.name}`,
    tenantId: TENANT_ID,
    credentials: account.credentials,
  }
  const integration = INTEGRATIONS[account.name](account.apiUrl, channel)
  return { ...account, channel, service: createIntegrationService({ integration, transport }) }
}

type Declare = (baseUrl: string, channel: { tenantId: string; credentials: unknown }) => Integration

/** One declaration a platform; each has one channel, whatever account the webhook names. */
const INTEGRATIONS: Record<PlatformName, Declare> = {
  whatsapp: (baseUrl, channel) =>
    defineIntegration({
      name: 'whatsapp',
      adapter: createWhatsAppPlatformAdapter({ baseUrl }),
      getChannelConfig: () => channel as typeof channel & { credentials: WhatsAppCredentials },
    }),
  telegram: (baseUrl, channel) =>
    defineIntegration({
      name: 'telegram',
      adapter: createTelegramPlatformAdapter({ baseUrl }),
      getChannelConfig: () => channel as typeof channel & { credentials: TelegramCredentials },
    }),
  slack: (baseUrl, channel) =>
    defineIntegration({
      name: 'slack',
      adapter: createSlackPlatformAdapter({ baseUrl }),
      getChannelConfig: () => channel as typeof channel & { credentials: SlackCredentials },
    }),
  messenger: (baseUrl, channel) =>
    defineIntegration({
      name: 'messenger',
      adapter: createMessengerPlatformAdapter({ baseUrl }),
      getChannelConfig: () => channel as typeof channel & { credentials: MessengerCredentials },
    }),
}
