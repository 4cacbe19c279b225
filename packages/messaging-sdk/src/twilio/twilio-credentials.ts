/** What a Twilio sender needs. */
export interface TwilioCredentials {
  /** `AC…`. */
  accountSid: string
  /** Signs the webhooks and opens the API. */
  authToken: string
  /** The auth token before it was promoted away; accepted while Twilio still signs with it. */
  previousAuthToken?: string
  /**
   * Who sends: a number (`+15017122661`), `whatsapp:+15017122661`, or a messaging service (`MG…`). A number is
   * also the hint by which webhooks find the channel.
   */
  from: string
}
