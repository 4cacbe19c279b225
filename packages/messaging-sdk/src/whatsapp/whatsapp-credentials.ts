/** What a WhatsApp Cloud API channel needs. All of it is in the app's dashboard. */
export interface WhatsAppCredentials {
  /** Sends from this number; also the hint by which webhooks find the channel. */
  phoneNumberId: string
  /** A system user's token with `whatsapp_business_messaging`. */
  accessToken: string
  /** Signs the webhooks. */
  appSecret: string
  /** The app secret before the last reset; accepted while Meta still signs with it. */
  previousAppSecret?: string
  /** Your own word, typed into the dashboard; Meta shows it when it verifies the webhook's address. */
  verifyToken: string
}
