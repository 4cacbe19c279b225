import type { NormalizeContext } from '../platform-adapter.ts'

/** What a Discord application needs. All of it is in the developer portal. */
export interface DiscordCredentials {
  /** "Application ID"; also the hint by which requests find the channel. */
  applicationId: string
  /** "Public Key", 64 hexadecimal digits; proves every request. */
  publicKey: string
  /** The key of the application that this one replaces; accepted while both are in use. */
  previousPublicKey?: string
  /** The bot's token. */
  botToken: string
}

/** What normalising is given. */
export type Context = NormalizeContext<DiscordCredentials>
