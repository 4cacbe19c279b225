import { simulatedDiscord } from './platform-simulator-discord.ts'
import { simulatedLine } from './platform-simulator-line.ts'
import { simulatedInstagram, simulatedMessenger } from './platform-simulator-messenger.ts'
import { simulatedSlack } from './platform-simulator-slack.ts'
import { simulatedTelegram } from './platform-simulator-telegram.ts'
import { simulatedTwilio } from './platform-simulator-twilio.ts'
import { simulatedWhatsApp } from './platform-simulator-whatsapp.ts'
import type { SimulatedPlatform } from './simulated-platform.ts'

/** The platforms that can be played, by name. */
export const simulatedPlatforms = {
  discord: simulatedDiscord,
  instagram: simulatedInstagram,
  line: simulatedLine,
  messenger: simulatedMessenger,
  slack: simulatedSlack,
  telegram: simulatedTelegram,
  twilio: simulatedTwilio,
  whatsapp: simulatedWhatsApp,
} satisfies Record<string, SimulatedPlatform>

/** The names of {@link simulatedPlatforms}. */
export type SimulatedPlatformName = keyof typeof simulatedPlatforms
