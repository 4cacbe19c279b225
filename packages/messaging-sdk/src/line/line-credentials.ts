/** What a LINE Messaging API channel needs. All of it is in the LINE Developers Console. */
export interface LineCredentials {
  /** "Channel access token"; sends and fetches. */
  channelAccessToken: string
  /** "Channel secret"; signs the webhooks. */
  channelSecret: string
  /** The channel secret before it was reissued; accepted while LINE still signs with it. */
  previousChannelSecret?: string
}
