import type { NormalizeContext } from '../platform-adapter.ts'

/** What a Facebook page, or an Instagram professional account, needs. */
export interface MessengerCredentials {
  /** The page's id, or the Instagram account's; also the hint by which webhooks find the channel. */
  pageId: string
  /** The page's token with `pages_messaging` (Instagram: `instagram_manage_messages`). */
  accessToken: string
  /** Signs the webhooks. */
  appSecret: string
  /** The app secret before the last reset; accepted while Meta still signs with it. */
  previousAppSecret?: string
  /** Your own word, typed into the dashboard; Meta shows it when it verifies the webhook's address. */
  verifyToken: string
}

/** What normalising is given. */
export type Context = NormalizeContext<MessengerCredentials>
