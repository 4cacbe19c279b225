import { fromResponse, fromUnknown } from '@mortise/errors'
import type { PlatformAccount, PlatformName } from '../platforms.ts'

/** How a platform is told where to post. */
export interface WebhookRegistry {
  /** Where it posts now; nothing when it posts nowhere. */
  current: (api: PlatformApi) => Promise<string | undefined>
  set: (api: PlatformApi, url: string) => Promise<void>
}

/** Calls the API of an account, and answers with the JSON that came. */
export interface PlatformApi {
  credentials: Readonly<Record<string, string>>
  call: (method: string, path: string, options?: ApiCall) => Promise<Record<string, unknown>>
}

interface ApiCall {
  json?: object
  form?: Record<string, string>
  headers?: Record<string, string>
}

const CALL_TIMEOUT_MS = 10_000

const API_URLS: Partial<Record<PlatformName, string>> = {
  telegram: 'https://api.telegram.org',
  discord: 'https://discord.com/api/v10',
  line: 'https://api.line.me',
  twilio: 'https://api.twilio.com',
}

/** The platforms that can be told by their API; the others want a person in their console. */
export const WEBHOOK_REGISTRIES: Partial<Record<PlatformName, WebhookRegistry>> = {
  /** @see https://core.telegram.org/bots/api#setwebhook */
  telegram: {
    current: async ({ call, credentials }) => {
      const { result } = await call('POST', `${botPath(credentials)}/getWebhookInfo`)
      return textOf((result as { url?: unknown } | undefined)?.url)
    },
    set: async ({ call, credentials }, url) => {
      const json = { url, secret_token: credentials.secretToken }
      await call('POST', `${botPath(credentials)}/setWebhook`, { json })
    },
  },
  /** @see https://docs.discord.com/developers/resources/application#edit-current-application */
  discord: {
    current: async (api) =>
      textOf((await api.call('GET', '/applications/@me', asBot(api))).interactions_endpoint_url),
    set: async (api, url) => {
      const json = { interactions_endpoint_url: url } // Discord tries it before it answers
      await api.call('PATCH', '/applications/@me', { ...asBot(api), json })
    },
  },
  /** @see https://developers.line.biz/en/reference/messaging-api/#set-webhook-endpoint-url */
  line: {
    current: async (api) => {
      const path = '/v2/bot/channel/webhook/endpoint'
      return textOf((await api.call('GET', path, asChannel(api)).catch(unlessMissing)).endpoint)
    },
    set: async (api, url) => {
      const json = { endpoint: url }
      await api.call('PUT', '/v2/bot/channel/webhook/endpoint', { ...asChannel(api), json })
    },
  },
  /** @see https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource */
  twilio: {
    current: async (api) => textOf((await numberOf(api)).sms_url),
    set: async (api, url) => {
      const { sid } = await numberOf(api)
      const form = { SmsUrl: url, SmsMethod: 'POST' }
      const path = `${accountPath(api)}/IncomingPhoneNumbers/${sid}.json`
      await api.call('POST', path, { ...asAccount(api), form })
    },
  },
}

/** The API of an account. What it refuses becomes an error of ours that shows no credential. */
export function createPlatformApi(account: PlatformAccount, fetch = globalThis.fetch): PlatformApi {
  const { name, credentials } = account
  const baseUrl = account.apiUrl ?? API_URLS[name] ?? ''
  const redact = (text: string) =>
    Object.values(credentials).reduce((shown, secret) => shown.replaceAll(secret, '***'), text)
  return {
    credentials,
    call: async (method, path, { json, form, headers } = {}) => {
      const signal = AbortSignal.timeout(CALL_TIMEOUT_MS)
      const type = json && { 'content-type': 'application/json' }
      const body = json ? JSON.stringify(json) : form && new URLSearchParams(form)
      const init = { method, signal, headers: { ...type, ...headers }, ...(body && { body }) }
      try {
        const response = await fetch(`${baseUrl}${path}`, init)
        const text = await response.text()
        const error = fromResponse(response, { method, body: text, redact })
        if (error) throw error
        return (text ? JSON.parse(text) : {}) as Record<string, unknown>
      } catch (thrown) {
        throw fromUnknown(thrown, { signal, redact })
      }
    },
  }
}

/** A token is digits, a colon and letters; whatever else somebody pasted stays one word of the path. */
const botPath = ({ botToken = '' }: PlatformApi['credentials']) =>
  `/bot${encodeURIComponent(botToken).replace('%3A', ':')}`

const asBot = ({ credentials }: PlatformApi) => ({
  headers: { authorization: `Bot ${credentials.botToken}` },
})

const asChannel = ({ credentials }: PlatformApi) => ({
  headers: { authorization: `Bearer ${credentials.channelAccessToken}` },
})

const asAccount = ({ credentials: { accountSid, authToken } }: PlatformApi) => ({
  headers: { authorization: `Basic ${btoa(`${accountSid}:${authToken}`)}` },
})

const accountPath = ({ credentials }: PlatformApi) =>
  `/2010-04-01/Accounts/${encodeURIComponent(credentials.accountSid ?? '')}`

/** The number that messages come to. A messaging service or a WhatsApp sender has none of its own. */
async function numberOf(api: PlatformApi): Promise<Record<string, unknown>> {
  const query = new URLSearchParams({ PhoneNumber: api.credentials.from ?? '' })
  const path = `${accountPath(api)}/IncomingPhoneNumbers.json?${query}`
  const { incoming_phone_numbers: numbers } = await api.call('GET', path, asAccount(api))
  const [number] = (numbers ?? []) as Record<string, unknown>[]
  if (number) return number
  throw new TypeError('Twilio has no such number in this account; enter the address by hand')
}

/** LINE answers 404 while no address was ever set. */
function unlessMissing(error: { status?: number }): Record<string, unknown> {
  if (error.status === 404) return {}
  throw error
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
