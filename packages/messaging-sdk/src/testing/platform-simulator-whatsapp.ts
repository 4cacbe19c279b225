import { createHash, createHmac } from 'node:crypto'
import { asString } from '../json-value.ts'
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
  phoneNumberId: '106540352242922',
  accessToken: 'simulated-access-token',
  appSecret: 'simulated-app-secret',
  verifyToken: 'simulated-verify-token',
}
const BUSINESS_ACCOUNT_ID = '102290129340398'
const DISPLAY_NUMBER = '15550783881'
const CUSTOMER = '16505551234'

/** Meta's own limit is a body of 3 MB; a thousand small elements are far below. */
const MAX_BATCH = 1000

/** The WhatsApp Cloud API. @see https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks/payload-examples */
export const simulatedWhatsApp = defineSimulatedPlatform({
  platform: 'whatsapp',
  defaults: DEFAULTS,
  createAccount: (account) => ({
    secret: 'appSecret',
    person: CUSTOMER,
    maxBatch: MAX_BATCH,
    compose: (events) => compose(events, account),
    sign: (webhook, { url }) => {
      const signature = createHmac('sha256', account.credentials.appSecret).update(webhook.body)
      const headers: Record<string, string> = { 'user-agent': 'facebookexternalua' }
      if (webhook.method === 'POST') {
        headers['x-hub-signature-256'] = `sha256=${signature.digest('hex')}`
      }
      return {
        ...webhook,
        url: url + (webhook.query ?? ''),
        headers: { ...webhook.headers, ...headers },
      }
    },
    challenge: () => {
      const query = new URLSearchParams({
        'hub.mode': 'subscribe',
        'hub.challenge': String(1_158_201_444 + account.world.nextNumber()),
        'hub.verify_token': account.credentials.verifyToken,
      })
      return { method: 'GET', headers: {}, query: `?${query}`, body: '', ids: [], conversation: '' }
    },
    isSend: (call) => call.method === 'POST' && call.path.endsWith('/messages'),
    handle: (call) => handle(call, account),
    tooFast: (retryAfterMs) => ({
      ...refusal(429, 130429, '(#130429) Rate limit hit'),
      headers: { 'retry-after': retryAfterSeconds(retryAfterMs) },
    }),
  }),
})

type Account = SimulatedSetup<typeof DEFAULTS>

function compose(events: readonly SimulatedEvent[], account: Account) {
  const { credentials, world } = account
  const elements = events.map((event) => elementOf(event, world))
  const pick = (list: 'messages' | 'statuses') =>
    elements.filter((element) => element.list === list).map(({ value }) => value)
  const [messages, statuses] = [pick('messages'), pick('statuses')]
  const senders = [...new Set(messages.map(({ from }) => asString(from) ?? CUSTOMER))]
  const value = {
    messaging_product: 'whatsapp',
    metadata: { display_phone_number: DISPLAY_NUMBER, phone_number_id: credentials.phoneNumberId },
    ...(messages.length > 0 && {
      contacts: senders.map((wa_id) => ({ profile: { name: `User ${wa_id.slice(-4)}` }, wa_id })),
      messages,
    }),
    ...(statuses.length > 0 && { statuses }),
  }
  const body = {
    object: 'whatsapp_business_account',
    entry: [{ id: BUSINESS_ACCOUNT_ID, changes: [{ value, field: 'messages' }] }],
  }
  return {
    method: 'POST' as const,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    ids: elements.map(({ value }) => asString(value.id) ?? ''),
    conversation: elements[0]?.conversation ?? '',
  }
}

interface Element {
  list: 'messages' | 'statuses'
  value: Record<string, unknown>
  conversation: string
}

function elementOf(event: SimulatedEvent, world: SimulatedWorld): Element {
  const timestamp = String(Math.floor(world.now() / 1000))
  if (event.type === 'native') {
    const list = 'status' in event.body ? 'statuses' : 'messages'
    return { list, value: event.body, conversation: asString(event.body.from) ?? CUSTOMER }
  }
  if (event.type === 'status') {
    const to = event.to ?? CUSTOMER
    const value = {
      id: event.messageId,
      status: event.status,
      timestamp,
      recipient_id: to,
      ...(event.correlationId && { biz_opaque_callback_data: event.correlationId }),
      ...(event.status === 'failed' && {
        errors: [{ code: 131026, title: 'Message undeliverable' }],
      }),
    }
    return { list: 'statuses', value, conversation: to }
  }
  const from = event.from ?? CUSTOMER
  const id = 'id' in event && event.type !== 'press' && event.id ? event.id : messageId(world)
  const value = { from, id, timestamp, ...contentOf(event, world) }
  return { list: 'messages', value, conversation: from }
}

function contentOf(
  event: Exclude<SimulatedEvent, { type: 'status' | 'native' }>,
  world: SimulatedWorld,
): Record<string, unknown> {
  switch (event.type) {
    case 'text':
      return {
        type: 'text',
        text: { body: event.text },
        ...(event.replyTo && { context: { from: DISPLAY_NUMBER, id: event.replyTo } }),
      }
    case 'media': {
      const content = {
        id: world.keepMedia(event),
        mime_type: event.mime,
        sha256: createHash('sha256').update(event.data).digest('base64'),
        ...(event.caption && { caption: event.caption }),
        ...(event.filename && { filename: event.filename }),
      }
      return { type: event.kind, [event.kind]: content }
    }
    case 'reaction': {
      const emoji = event.removed ? '' : event.emoji
      return { type: 'reaction', reaction: { message_id: event.messageId, emoji } }
    }
    case 'edit': {
      const message = { type: 'text', text: { body: event.text } }
      return { type: 'edit', edit: { original_message_id: event.messageId, message } }
    }
    case 'delete':
      return { type: 'revoke', revoke: { original_message_id: event.messageId } }
    case 'press': {
      const reply = { id: event.id, title: event.title ?? event.id }
      return {
        type: 'interactive',
        interactive: { type: 'button_reply', button_reply: reply },
        ...(event.messageId && { context: { from: DISPLAY_NUMBER, id: event.messageId } }),
      }
    }
    case 'command':
      throw notSimulated('WhatsApp', event)
  }
}

/** `wamid.` and base64, as Meta's are. */
function messageId(world: SimulatedWorld): string {
  const number = String(world.nextNumber()).padStart(12, '0')
  return `wamid.${Buffer.from(`simulated-${number}`).toString('base64')}`
}

function handle(
  call: SimulatedApiCall,
  account: Account,
): SimulatedApiAnswer | Promise<SimulatedApiAnswer> {
  const { world, credentials } = account
  if (call.headers.authorization !== `Bearer ${credentials.accessToken}`) {
    return refusal(401, 190, 'Invalid OAuth access token - Cannot parse access token')
  }
  const [root, ...rest] = call.path.split('/').slice(1)
  if (root === 'media-bytes') return mediaBytes(rest[0] ?? '', world)
  const [object, action] = rest // after the version
  if (call.method === 'POST' && object === credentials.phoneNumberId) {
    if (action === 'messages') return takeMessage(call, world)
    if (action === 'media') {
      return {
        status: 200,
        body: { id: world.keepMedia({ data: call.body, mime: 'multipart/form-data' }) },
      }
    }
  }
  if (call.method === 'GET' && object === credentials.phoneNumberId) {
    const body = { id: object, verified_name: 'Simulated', quality_rating: 'GREEN' }
    return { status: 200, body }
  }
  const medium = call.method === 'GET' && object ? world.media(object) : undefined
  if (!medium) {
    return refusal(400, 100, 'Unsupported request: object does not exist or is not accessible')
  }
  const body = {
    messaging_product: 'whatsapp',
    url: `${world.apiUrl}/media-bytes/${object}`,
    mime_type: medium.mime,
    sha256: createHash('sha256').update(medium.data).digest('hex'),
    file_size: medium.data.byteLength,
    id: object,
  }
  return { status: 200, body }
}

function mediaBytes(id: string, world: SimulatedWorld): SimulatedApiAnswer {
  const medium = world.media(id)
  if (!medium) return { status: 404 }
  return { status: 200, file: medium }
}

async function takeMessage(
  call: SimulatedApiCall,
  world: SimulatedWorld,
): Promise<SimulatedApiAnswer> {
  const body = await fieldsOf(call)
  const to = body.to ?? body.recipient
  if (body.messaging_product !== 'whatsapp' || typeof to !== 'string') {
    return refusal(400, 100, '(#100) The parameters messaging_product and to are required.')
  }
  const id = messageId(world)
  world.accept({ id, to, body, path: call.path })
  const answer = {
    messaging_product: 'whatsapp',
    contacts: [{ input: to, wa_id: to }],
    messages: [{ id }],
  }
  return { status: 200, body: answer }
}

function refusal(status: number, code: number, message: string): SimulatedApiAnswer {
  const error = { message, type: 'OAuthException', code, fbtrace_id: 'simulated-trace' }
  return { status, body: { error } }
}
