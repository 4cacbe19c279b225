import { createHmac } from 'node:crypto'
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
  botToken: 'xoxb-simulated-bot-token',
  signingSecret: 'simulated-signing-secret',
}
const TEAM = 'T061EG9R6'
const APP = 'A0PNCHHK2'
const PERSON = 'U2CERLKJA'
const CHANNEL = 'C0G9QF9GW'

type Account = SimulatedSetup<typeof DEFAULTS>

/** Slack's Events API, interactivity, slash commands and Web API. @see https://docs.slack.dev/apis/events-api */
export const simulatedSlack = defineSimulatedPlatform({
  platform: 'slack',
  defaults: DEFAULTS,
  createAccount: (account) => ({
    secret: 'signingSecret',
    person: CHANNEL,
    maxBatch: 1,
    compose: ([event]) => compose(event as SimulatedEvent, account.world),
    sign: (webhook, { url, attempt }) => {
      const time = String(Math.floor(account.world.now() / 1000))
      const hmac = createHmac('sha256', account.credentials.signingSecret)
      const signature = hmac.update(`v0:${time}:${webhook.body}`).digest('hex')
      return {
        ...webhook,
        url,
        headers: {
          ...webhook.headers,
          'x-slack-request-timestamp': time,
          'x-slack-signature': `v0=${signature}`,
          ...(attempt > 1 && {
            'x-slack-retry-num': String(attempt - 1),
            'x-slack-retry-reason': 'http_timeout',
          }),
        },
      }
    },
    challenge: () => json({ type: 'url_verification', challenge: '3eZbrw1aBm2rZgRNFdxV2595E9CY' }),
    isSend: ({ path }) => /\/(chat\.postMessage|reactions\.add|files\.complete\w+)$/.test(path),
    handle: (call) => handle(call, account),
    tooFast: (retryAfterMs) => ({
      status: 429,
      headers: { 'retry-after': retryAfterSeconds(retryAfterMs) },
      body: { ok: false, error: 'ratelimited' },
    }),
  }),
})

function json(value: object, id = ''): UnsignedWebhook {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(value),
    ids: id ? [id] : [],
    conversation: CHANNEL,
  }
}

function form(fields: Record<string, string>): UnsignedWebhook {
  return {
    ...json({}, fields.trigger_id),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields).toString(),
  }
}

function compose(event: SimulatedEvent, world: SimulatedWorld): UnsignedWebhook {
  const user = ('from' in event && event.from) || PERSON
  const number = world.nextNumber()
  const trigger_id = `13345224609.738474920.8088930838d88f008${number}`
  const response_url = `${world.apiUrl}/response/${number}`
  if (event.type === 'command') {
    const place = { team_id: TEAM, channel_id: CHANNEL, user_id: user, user_name: 'roadrunner' }
    const command = { command: `/${event.name}`, text: event.text ?? '' }
    return form({ ...place, ...command, response_url, trigger_id, api_app_id: APP })
  }
  if (event.type === 'press') {
    const button = { type: 'button', block_id: 'b1', action_id: event.id, value: event.id }
    const payload = {
      type: 'block_actions',
      team: { id: TEAM, domain: 'simulated' },
      user: { id: user, username: 'roadrunner', team_id: TEAM },
      api_app_id: APP,
      channel: { id: CHANNEL, name: 'general' },
      message: { type: 'message', ts: event.messageId ?? '1548261231.000200', text: 'Choose' },
      actions: [{ ...button, action_ts: timestamp(world, number) }],
      response_url,
      trigger_id,
    }
    return form({ payload: JSON.stringify(payload) })
  }
  const event_id = `Ev${String(number).padStart(9, '0')}`
  const callback = {
    token: 'simulated-verification-word',
    team_id: TEAM,
    api_app_id: APP,
    event: eventOf(event, user, timestamp(world, number), world),
    type: 'event_callback',
    event_id,
    event_time: Math.floor(world.now() / 1000),
    authorizations: [{ enterprise_id: null, team_id: TEAM, user_id: 'UBOT', is_bot: true }],
  }
  return json(callback, event_id)
}

/** Seconds, a dot, and six digits that make it one of a kind. */
function timestamp(world: SimulatedWorld, number: number): string {
  return `${Math.floor(world.now() / 1000)}.${String(number % 1_000_000).padStart(6, '0')}`
}

function eventOf(
  event: SimulatedEvent,
  user: string,
  ts: string,
  world: SimulatedWorld,
): Record<string, unknown> {
  const place = { channel: CHANNEL, channel_type: 'channel', event_ts: ts }
  switch (event.type) {
    case 'text': {
      const thread = event.replyTo ? { thread_ts: event.replyTo } : {}
      return { type: 'message', user, text: event.text, ts: event.id ?? ts, ...thread, ...place }
    }
    case 'media': {
      const id = world.keepMedia(event)
      const file = {
        id,
        name: event.filename ?? event.kind,
        mimetype: event.mime,
        size: event.data.byteLength,
        url_private_download: `${world.apiUrl}/files-pri/${id}`,
      }
      const text = event.caption ?? ''
      return { type: 'message', subtype: 'file_share', user, text, files: [file], ts, ...place }
    }
    case 'reaction': {
      const type = event.removed ? 'reaction_removed' : 'reaction_added'
      const item = { type: 'message', channel: CHANNEL, ts: event.messageId }
      return { type, user, reaction: '+1', item, event_ts: ts }
    }
    case 'edit': {
      const before = { type: 'message', user, text: 'before', ts: event.messageId }
      const message = { ...before, text: event.text, edited: { user, ts } }
      const change = { subtype: 'message_changed', hidden: true, message, previous_message: before }
      return { type: 'message', ...change, ts, ...place }
    }
    case 'delete': {
      const change = { subtype: 'message_deleted', hidden: true, deleted_ts: event.messageId }
      return { type: 'message', ...change, ts, ...place }
    }
    case 'native':
      return event.body
    default:
      throw notSimulated('Slack', event)
  }
}

async function handle(call: SimulatedApiCall, account: Account): Promise<SimulatedApiAnswer> {
  const { world, credentials } = account
  const [, folder, id = ''] = /^\/(response|upload)\/(\w+)$/.exec(call.path) ?? []
  if (folder === 'response') {
    world.accept({ id, to: id, body: await fieldsOf(call), path: call.path })
    return { status: 200, body: 'ok' }
  }
  if (folder === 'upload') return { status: 200, body: `OK - ${call.body.byteLength}` }
  if (call.headers.authorization !== `Bearer ${credentials.botToken}`) return no('invalid_auth')
  if (call.path.startsWith('/files-pri/')) {
    const file = world.media(call.path.split('/').at(-1) ?? '')
    return file ? { status: 200, file } : { status: 404 }
  }
  return method(call.path.slice(1), await fieldsOf(call), { call, world })
}

function method(
  name: string,
  fields: Record<string, unknown>,
  { call, world }: { call: SimulatedApiCall; world: SimulatedWorld },
): SimulatedApiAnswer {
  switch (name) {
    case 'auth.test':
      return yes({ url: 'https://simulated.slack.com/', team: 'Simulated', user_id: 'UBOT' })
    case 'files.getUploadURLExternal': {
      const id = world.keepMedia({ data: Buffer.alloc(0), mime: 'application/octet-stream' })
      return yes({ upload_url: `${world.apiUrl}/upload/${id}`, file_id: id })
    }
    case 'chat.postMessage':
    case 'reactions.add':
    case 'files.completeUploadExternal': {
      const to = String(fields.channel ?? fields.channel_id ?? '')
      if (!to) return no('channel_not_found')
      const ts = timestamp(world, world.nextNumber())
      world.accept({ id: ts, to, body: fields, path: call.path })
      if (name === 'chat.postMessage') return yes({ channel: to, ts, message: { ts } })
      return name === 'reactions.add' ? yes({}) : yes({ files: fields.files })
    }
    default:
      return no('unknown_method')
  }
}

function yes(result: object): SimulatedApiAnswer {
  return { status: 200, body: { ok: true, ...result } }
}

function no(error: string): SimulatedApiAnswer {
  return { status: 200, body: { ok: false, error } }
}
