import { createHmac } from 'node:crypto'
import { fieldsOf } from './platform-simulator-fields.ts'
import type {
  SimulatedApiAnswer,
  SimulatedApiCall,
  SimulatedEvent,
  SimulatedSetup,
  SimulatedWorld,
} from './simulated-platform.ts'
import { defineSimulatedPlatform, notSimulated, retryAfterSeconds } from './simulated-platform.ts'

const DEFAULTS = {
  accountSid: 'AC00000000000000000000000000000000',
  authToken: 'simulated-auth-token',
  from: '+15017122661',
}
const PERSON = '+15558675310'

type Account = SimulatedSetup<typeof DEFAULTS>

/** Twilio's Programmable Messaging. @see https://www.twilio.com/docs/messaging/guides/webhook-request */
export const simulatedTwilio = defineSimulatedPlatform({
  platform: 'twilio',
  defaults: DEFAULTS,
  createAccount: (account) => ({
    secret: 'authToken',
    person: PERSON,
    maxBatch: 1,
    compose: ([event]) => compose(event as SimulatedEvent, account),
    sign: (webhook, { url }) => {
      const form = new URLSearchParams(webhook.body)
      const names = [...form.keys()].sort((left, right) => (left < right ? -1 : 1))
      const fields = names.map((name) => name + (form.get(name) ?? '')).join('')
      const hmac = createHmac('sha1', account.credentials.authToken).update(url + fields)
      const headers = { ...webhook.headers, 'x-twilio-signature': hmac.digest('base64') }
      return { ...webhook, url, headers }
    },
    isSend: ({ path }) => path.endsWith('/Messages.json'),
    handle: (call) => handle(call, account),
    tooFast: (retryAfterMs) => ({
      ...refusal(429, 20429, 'Too Many Requests'),
      headers: { 'retry-after': retryAfterSeconds(retryAfterMs) },
    }),
  }),
})

function sid(prefix: string, world: SimulatedWorld): string {
  return prefix + world.nextNumber().toString(16).padStart(32, '0')
}

function compose(event: SimulatedEvent, account: Account) {
  const { world, credentials } = account
  const person = ('from' in event && event.from) || ('to' in event && event.to) || PERSON
  const fields = {
    AccountSid: credentials.accountSid,
    ApiVersion: '2010-04-01',
    ...fieldsOfEvent(event, person, account),
  }
  const id = event.type === 'text' && event.id ? { MessageSid: event.id, SmsSid: event.id } : {}
  const form: Record<string, string> = { MessageSid: sid('SM', world), ...fields, ...id }
  return {
    method: 'POST' as const,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
    ids: [form.MessageSid ?? ''],
    conversation: person,
  }
}

function fieldsOfEvent(
  event: SimulatedEvent,
  person: string,
  { world, credentials }: Account,
): Record<string, string> {
  const incoming = { From: person, To: credentials.from, SmsStatus: 'received', NumMedia: '0' }
  switch (event.type) {
    case 'text':
      return {
        ...incoming,
        Body: event.text,
        ...(event.replyTo && { OriginalRepliedMessageSid: event.replyTo }),
      }
    case 'media':
      return {
        ...incoming,
        Body: event.caption ?? '',
        NumMedia: '1',
        MediaContentType0: event.mime,
        MediaUrl0: `${world.apiUrl}/media/${world.keepMedia(event)}`,
      }
    case 'press': {
      const title = event.title ?? event.id
      return { ...incoming, Body: title, ButtonText: title, ButtonPayload: event.id }
    }
    case 'status': {
      const outgoing = { From: credentials.from, To: person, MessageSid: event.messageId }
      const failed = event.status === 'failed' ? { ErrorCode: '30003' } : {}
      return { ...outgoing, MessageStatus: event.status, ...failed }
    }
    case 'native':
      return Object.fromEntries(
        Object.entries(event.body).map(([name, value]) => [name, JSON.stringify(value)]),
      )
    default:
      throw notSimulated('Twilio', event)
  }
}

async function handle(call: SimulatedApiCall, account: Account): Promise<SimulatedApiAnswer> {
  const { world, credentials } = account
  const [, kind, id = ''] = /^\/(media|store)\/(\w+)$/.exec(call.path) ?? []
  if (kind === 'store') {
    const file = world.media(id)
    return file ? { status: 200, file } : { status: 404 }
  }
  const pair = Buffer.from(`${credentials.accountSid}:${credentials.authToken}`).toString('base64')
  if (call.headers.authorization !== `Basic ${pair}`) return refusal(401, 20003, 'Authenticate')
  if (kind === 'media') return { status: 307, headers: { location: `/store/${id}` } }
  if (call.method === 'GET') {
    return { status: 200, body: { sid: credentials.accountSid, status: 'active' } }
  }
  const fields = await fieldsOf(call)
  const to = typeof fields.To === 'string' ? fields.To : ''
  if (!to) return refusal(400, 21604, "A 'To' phone number is required.")
  const messageSid = sid('SM', world)
  world.accept({ id: messageSid, to, body: fields, path: call.path })
  return { status: 201, body: { sid: messageSid, status: 'queued', to, error_code: null } }
}

function refusal(status: number, code: number, message: string): SimulatedApiAnswer {
  return {
    status,
    body: { code, message, status, more_info: 'https://www.twilio.com/docs/errors' },
  }
}
