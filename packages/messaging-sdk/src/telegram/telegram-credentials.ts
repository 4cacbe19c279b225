import type { NormalizeContext } from '../platform-adapter.ts'

/** What a Telegram bot needs. */
export interface TelegramCredentials {
  /** From @BotFather: `123456:ABC-…`. */
  botToken: string
  /** Your own word (1 to 256 of `A-Za-z0-9_-`), told to Telegram with `setWebhook`; it comes back with every update. */
  secretToken: string
  /** The word before the last `setWebhook`; updates on their way still carry it. */
  previousSecretToken?: string
}

/** What normalising is given. */
export type Context = NormalizeContext<TelegramCredentials>
