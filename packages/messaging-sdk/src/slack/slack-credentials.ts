import type { NormalizeContext } from '../platform-adapter.ts'

/** What a Slack app needs in one workspace. */
export interface SlackCredentials {
  /** "Bot User OAuth Token", `xoxb-…`. */
  botToken: string
  /** "Signing Secret" of the app's basic information; signs every request. */
  signingSecret: string
  /** The signing secret before it was regenerated; accepted while it is being replaced. */
  previousSigningSecret?: string
}

/** What normalising is given. */
export type Context = NormalizeContext<SlackCredentials>
