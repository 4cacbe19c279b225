import { createHmac } from 'node:crypto'
import { fieldsOf } from './platform-simulator-fields.ts'
import type {
  SimulatedAccount,
  SimulatedApiAnswer,
  SimulatedApiCall,
  SimulatedEvent,
  SimulatedSetup,
} from './simulated-platform.ts'
import { defineSimulatedPlatform, notSimulated, retryAfterSeconds } from './simulated-platform.ts'

const DEFAULTS = {
  pageId: '1067280970047460',
  accessToken: 'simulated-page-token',
  appSecret: 'simulated-app-secret',
  verifyToken: 'simulated-verify-token',
}
const PERSON = '7614350008590061'
const MAX_BATCH = 1000

interface Account extends SimulatedSetup<typeof DEFAULTS> {
  object: 'page' | 'instagram'
}

/** Messenger of a Facebook page. @see https://developers.facebook.com/docs/messenger-platform/reference/webhook-events */
export const simulatedMessenger = defineSimulatedPlatform({
  platform: 'messenger',
  defaults: DEFAULTS,
  createAccount: (setup) => createAccount({ ...setup, object: 'page' }),
})

/** Instagram's direct messages, through the same webhooks and Send API. */
export const simulatedInstagram = defineSimulatedPlatform({
  platform: 'instagram',
  defaults: DEFAULTS,
  createAccount: (setup) => createAccount({ ...setup, object: 'instagram' }),
})

function createAccount(account: Account): Omit<SimulatedAccount, 'credentials'> {
  return {
    secret: 'appSecret',
    person: PERSON,
    maxBatch: MAX_BATCH,
    compose: (events) => compose(events, account),
    sign: (webhook, { url }) => {
      const hmac = createHmac('sha256', account.credentials.appSecret).update(webhook.body)
      const signature = `sha256=${hmac.digest('hex')}`
      const proof = webhook.method === 'POST' ? { 'x-hub-signature-256': signature } : {}
      const headers = { ...webhook.headers, ...proof }
      return { ...webhook, url: url + (webhook.query ?? ''), headers }
    },
    challenge: () => {
      const query = new URLSearchParams({
        'hub.mode': 'subscribe',
        'hub.challenge': '1158201444',
        'hub.verify_token': account.credentials.verifyToken,
      })
      return { method: 'GET', headers: {}, query: `?${query}`, body: '', ids: [], conversation: '' }
    },
    isSend: (call) => call.method === 'POST' && call.path.endsWith('/messages'),
    handle: (call) => handle(call, account),
    tooFast: (retryAfterMs) => ({
      ...refusal(429, 613, '(#613) Calls to this api have exceeded the rate limit.'),
      headers: { 'retry-after': retryAfterSeconds(retryAfterMs) },
    }),
  }
}

function compose(events: readonly SimulatedEvent[], account: Account) {
  const elements = events.map((event) => elementOf(event, account))
  const id = account.credentials.pageId
  const entry = [{ id, time: account.world.now(), messaging: elements.map(({ value }) => value) }]
  return {
    method: 'POST' as const,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ object: account.object, entry }),
    ids: elements.map(({ mid }) => mid),
    conversation: elements[0]?.person ?? PERSON,
  }
}

function elementOf(event: SimulatedEvent, account: Account) {
  const { world, credentials } = account
  const person = ('from' in event && event.from) || ('to' in event && event.to) || PERSON
  const mid = event.type === 'text' && event.id ? event.id : `m_${world.nextNumber()}-simulated`
  const timestamp = world.now()
  const parties = { sender: { id: person }, recipient: { id: credentials.pageId }, timestamp }
  return { mid, person, value: { ...parties, ...contentOf(event, mid, account) } }
}

function contentOf(
  event: SimulatedEvent,
  mid: string,
  { world, object }: Account,
): Record<string, unknown> {
  switch (event.type) {
    case 'text': {
      const reply = event.replyTo ? { reply_to: { mid: event.replyTo } } : {}
      return { message: { mid, text: event.text, ...reply } }
    }
    case 'media': {
      const type = event.kind === 'document' ? 'file' : event.kind
      const url = `${world.apiUrl}/media-bytes/${world.keepMedia(event)}`
      const text = event.caption ? { text: event.caption } : {}
      return { message: { mid, ...text, attachments: [{ type, payload: { url } }] } }
    }
    case 'status':
      if (event.status === 'delivered' && object === 'page') {
        return { delivery: { mids: [event.messageId] } }
      }
      if (event.status !== 'read') throw notSimulated(object, event)
      return { read: object === 'page' ? { watermark: world.now() } : { mid: event.messageId } }
    case 'reaction': {
      const { messageId, emoji, removed } = event
      const what = removed ? { action: 'unreact' } : { action: 'react', reaction: 'other', emoji }
      return { reaction: { mid: messageId, ...what } }
    }
    case 'edit':
      return { message_edit: { mid: event.messageId, text: event.text, num_edit: 1 } }
    case 'delete':
      if (object === 'page') throw notSimulated(object, event)
      return { message: { mid: event.messageId, is_deleted: true } }
    case 'press':
      return { postback: { mid, title: event.title ?? event.id, payload: event.id } }
    case 'native':
      return event.body
    case 'command':
      throw notSimulated(object, event)
  }
}

async function handle(call: SimulatedApiCall, account: Account): Promise<SimulatedApiAnswer> {
  const { world, credentials } = account
  if (call.path.startsWith('/media-bytes/')) {
    const file = world.media(call.path.split('/').at(-1) ?? '')
    return file ? { status: 200, file } : { status: 404 }
  }
  if (call.headers.authorization !== `Bearer ${credentials.accessToken}`) {
    return refusal(401, 190, 'Invalid OAuth access token - Cannot parse access token')
  }
  const [, , page, edge] = call.path.split('/')
  if (page !== credentials.pageId) return refusal(400, 100, 'Object does not exist')
  if (call.method === 'GET') return { status: 200, body: { id: page, name: 'Simulated' } }
  const fields = await fieldsOf(call)
  if (edge === 'message_attachments') {
    const id = world.keepMedia({ data: call.body, mime: 'multipart/form-data' })
    return { status: 200, body: { attachment_id: id } }
  }
  const to = String((fields.recipient as { id?: string } | undefined)?.id ?? '')
  if (!to) return refusal(400, 100, '(#100) param recipient must be non-empty.')
  const id = `m_${world.nextNumber()}-simulated`
  world.accept({ id, to, body: fields, path: call.path })
  return { status: 200, body: { recipient_id: to, message_id: id } }
}

function refusal(status: number, code: number, message: string): SimulatedApiAnswer {
  const error = { message, type: 'OAuthException', code, fbtrace_id: 'simulated-trace' }
  return { status, body: { error } }
}
