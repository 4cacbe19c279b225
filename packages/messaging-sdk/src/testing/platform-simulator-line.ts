import { createHmac } from 'node:crypto'
import { asObject, asString } from '../json-value.ts'
import { fieldsOf } from './platform-simulator-fields.ts'
import type {
  SimulatedApiAnswer,
  SimulatedApiCall,
  SimulatedEvent,
  SimulatedSetup,
  SimulatedWorld,
  UnsignedWebhook,
} from './simulated-platform.ts'
import { defineSimulatedPlatform, notSimulated, retryAfterSeconds } from './simulated-platform.ts'

const DEFAULTS = {
  channelAccessToken: 'simulated-channel-access-token',
  channelSecret: 'simulated-channel-secret',
}
const BOT = 'U00000000000000000000000000000b07'
const PERSON = 'U4af4980629000000000000000000aaaa'
const MAX_BATCH = 100

type Account = SimulatedSetup<typeof DEFAULTS>

/** The LINE Messaging API. @see https://developers.line.biz/en/reference/messaging-api/ */
export const simulatedLine = defineSimulatedPlatform({
  platform: 'line',
  defaults: DEFAULTS,
  createAccount: (account) => ({
    secret: 'channelSecret',
    person: PERSON,
    maxBatch: MAX_BATCH,
    compose: (events) => compose(events.map((event) => eventOf(event, account.world))),
    sign: (webhook, { url, attempt }) => {
      const body =
        attempt > 1
          ? webhook.body.replaceAll('"isRedelivery":false', '"isRedelivery":true')
          : webhook.body
      const hmac = createHmac('sha256', account.credentials.channelSecret).update(body)
      const headers = { ...webhook.headers, 'x-line-signature': hmac.digest('base64') }
      return { ...webhook, url, body, headers }
    },
    challenge: () => compose([]),
    isSend: ({ path }) => /\/message\/(push|reply)$/.test(path),
    handle: (call) => handle(call, account),
    tooFast: (retryAfterMs) => ({
      status: 429,
      headers: { 'retry-after': retryAfterSeconds(retryAfterMs) },
      body: { message: 'The API rate limit has been exceeded. Try again later.' },
    }),
  }),
})

interface LineEvent {
  webhookEventId: string
  source: { userId: string }
}

function compose(events: readonly LineEvent[]): UnsignedWebhook {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ destination: BOT, events }),
    ids: events.map(({ webhookEventId }) => asString(webhookEventId) ?? ''),
    conversation: asString(asObject(events[0]?.source)?.userId) ?? PERSON,
  }
}

function eventOf(event: SimulatedEvent, world: SimulatedWorld): LineEvent {
  const number = String(world.nextNumber())
  const userId = ('from' in event && event.from) || PERSON
  const common = {
    webhookEventId: `01SIMULATED${number.padStart(15, '0')}`,
    deliveryContext: { isRedelivery: false },
    timestamp: world.now(),
    source: { type: 'user', userId },
    mode: 'active',
  }
  const reply = { replyToken: `reply-token-${number}` }
  switch (event.type) {
    case 'text': {
      const quote = event.replyTo ? { quotedMessageId: event.replyTo } : {}
      const id = event.id ?? `44${number.padStart(12, '0')}`
      const message = {
        id,
        type: 'text',
        quoteToken: `quote-${number}`,
        text: event.text,
        ...quote,
      }
      return { ...common, type: 'message', ...reply, message } as LineEvent
    }
    case 'media': {
      const type = event.kind === 'document' ? 'file' : event.kind
      const file = type === 'file' ? { fileName: event.filename, fileSize: event.data.length } : {}
      const id = world.keepMedia(event)
      const message = { id, type, contentProvider: { type: 'line' }, ...file }
      return { ...common, type: 'message', ...reply, message } as LineEvent
    }
    case 'press':
      return { ...common, type: 'postback', ...reply, postback: { data: event.id } } as LineEvent
    case 'delete':
      return { ...common, type: 'unsend', unsend: { messageId: event.messageId } } as LineEvent
    case 'native':
      return { ...common, ...event.body }
    default:
      throw notSimulated('LINE', event)
  }
}

async function handle(call: SimulatedApiCall, account: Account): Promise<SimulatedApiAnswer> {
  const { world, credentials } = account
  if (call.headers.authorization !== `Bearer ${credentials.channelAccessToken}`) {
    return {
      status: 401,
      body: { message: 'Authentication failed. Confirm that the access token is valid.' },
    }
  }
  if (call.path === '/v2/bot/info') {
    return { status: 200, body: { userId: BOT, basicId: '@simulated', displayName: 'Simulated' } }
  }
  const content = /^\/v2\/bot\/message\/(\w+)\/content$/.exec(call.path)?.[1]
  if (content) {
    const file = world.media(content)
    return file ? { status: 200, file } : { status: 404, body: { message: 'Not found' } }
  }
  const fields = await fieldsOf(call)
  const to = String(fields.to ?? fields.replyToken ?? '')
  if (!to) return { status: 400, body: { message: 'The property, to, must be specified' } }
  return takeMessage(call, { to, fields }, world)
}

function takeMessage(
  call: SimulatedApiCall,
  { to, fields }: { to: string; fields: Record<string, unknown> },
  world: SimulatedWorld,
): SimulatedApiAnswer {
  const key = call.headers['x-line-retry-key']
  const known = key && world.acceptedWith(key)
  if (known) {
    const message = 'The retry key is already accepted'
    return { status: 409, body: { message, sentMessages: [{ id: known.id }] } }
  }
  const id = `46${String(world.nextNumber()).padStart(16, '0')}`
  const idempotencyKey = key ? { idempotencyKey: key } : {}
  world.accept({ id, to, body: fields, path: call.path, ...idempotencyKey })
  return { status: 200, body: { sentMessages: [{ id, quoteToken: `quote-${id}` }] } }
}
