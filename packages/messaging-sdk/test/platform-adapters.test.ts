import { describe, it } from 'vitest'
import { createDiscordPlatformAdapter } from '../src/discord/index.ts'
import { createLinePlatformAdapter } from '../src/line/index.ts'
import { createMessengerPlatformAdapter } from '../src/messenger/index.ts'
import { createSlackPlatformAdapter } from '../src/slack/index.ts'
import { createTelegramPlatformAdapter } from '../src/telegram/index.ts'
import { type Check, platformAdapterContract } from '../src/testing/index.ts'
import { createTwilioPlatformAdapter } from '../src/twilio/index.ts'
import { createWhatsAppPlatformAdapter } from '../src/whatsapp/index.ts'

const contracts: Record<string, Check[]> = {
  discord: platformAdapterContract({
    platform: 'discord',
    create: createDiscordPlatformAdapter,
  }),
  instagram: platformAdapterContract({
    platform: 'instagram',
    create: createMessengerPlatformAdapter,
  }),
  line: platformAdapterContract({ platform: 'line', create: createLinePlatformAdapter }),
  twilio: platformAdapterContract({ platform: 'twilio', create: createTwilioPlatformAdapter }),
  messenger: platformAdapterContract({
    platform: 'messenger',
    create: createMessengerPlatformAdapter,
  }),
  slack: platformAdapterContract({ platform: 'slack', create: createSlackPlatformAdapter }),
  telegram: platformAdapterContract({
    platform: 'telegram',
    create: createTelegramPlatformAdapter,
  }),
  whatsapp: platformAdapterContract({
    platform: 'whatsapp',
    create: createWhatsAppPlatformAdapter,
  }),
}

describe.each(Object.entries(contracts))('the adapter of %s', (_name, checks) => {
  for (const check of checks) it(check.name, check.run)
})
