import { fieldsOf } from './platform-simulator-fields.ts'
import type {
  SimulatedApiAnswer,
  SimulatedApiCall,
  SimulatedEvent,
  SimulatedSetup,
  SimulatedWorld,
} from './simulated-platform.ts'
import { defineSimulatedPlatform, notSimulated } from './simulated-platform.ts'

const DEFAULTS = {
  botToken: '1000001:simulated-bot-token',
  secretToken: 'simulated-secret-token',
}
const PERSON = '5551234'

type Account = SimulatedSetup<typeof DEFAULTS>

/** The Telegram Bot API. @see https://core.telegram.org/bots/api */
export const simulatedTelegram = defineSimulatedPlatform({
  platform: 'telegram',
  defaults: DEFAULTS,
  createAccount: (account) => ({
    secret: 'secretToken',
    signsBody: false,
    person: PERSON,
    maxBatch: 1,
    compose: ([event]) => compose(event as SimulatedEvent, account.world),
    sign: (webhook, { url }) => ({
      ...webhook,
      url,
      headers: {
        ...webhook.headers,
        'x-telegram-bot-api-secret-token': account.credentials.secretToken,
      },
    }),
    isSend: ({ path }) => /\/(send\w+|setMessageReaction)$/.test(path),
    handle: (call) => handle(call, account),
    tooFast: (retryAfterMs) => {
      const seconds = retryAfterMs / 1000
      const description = `Too Many Requests: retry after ${seconds}`
      return refusal(429, description, { retry_after: seconds })
    },
  }),
})

function compose(event: SimulatedEvent, world: SimulatedWorld) {
  const update = { update_id: 900_000_000 + world.nextNumber(), ...updateOf(event, world) }
  const from = 'from' in event ? event.from : undefined
  return {
    method: 'POST' as const,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(update),
    ids: [String(update.update_id)],
    conversation: from ?? PERSON,
  }
}

function updateOf(event: SimulatedEvent, world: SimulatedWorld): Record<string, unknown> {
  const sender = ('from' in event && event.from) || PERSON
  const from = { id: Number(sender), is_bot: false, first_name: 'User', language_code: 'en' }
  const chat = { id: Number(sender), type: 'private', first_name: 'User' }
  const date = Math.floor(world.now() / 1000)
  const message = (id: number | string, content: object) => ({
    message_id: Number(id),
    from,
    chat,
    date,
    ...content,
  })
  switch (event.type) {
    case 'text':
    case 'command':
    case 'media':
      return { message: message(idOf(event, world), contentOf(event, world)) }
    case 'edit':
      return { edited_message: message(event.messageId, { edit_date: date, text: event.text }) }
    case 'reaction': {
      const emoji = [{ type: 'emoji', emoji: event.emoji }]
      const [before, after] = event.removed ? [emoji, []] : [[], emoji]
      const change = { old_reaction: before, new_reaction: after }
      const place = { chat, message_id: Number(event.messageId), user: from, date }
      return { message_reaction: { ...place, ...change } }
    }
    case 'press': {
      const id = `4382bfdwdsb323b2d${world.nextNumber()}`
      const pressed = message(event.messageId ?? 1, { text: 'Choose' })
      const query = { id, from, message: pressed, chat_instance: '1', data: event.id }
      return { callback_query: query }
    }
    case 'native':
      return event.body
    case 'status':
    case 'delete':
      throw notSimulated('Telegram', event)
  }
}

function idOf(event: { type: string; id?: string }, world: SimulatedWorld): string | number {
  return event.id ?? world.nextNumber()
}

function contentOf(
  event: Extract<SimulatedEvent, { type: 'text' | 'command' | 'media' }>,
  world: SimulatedWorld,
): object {
  switch (event.type) {
    case 'text': {
      const replied = {
        message_id: Number(event.replyTo),
        date: 1,
        chat: { id: 1, type: 'private' },
      }
      return { text: event.text, ...(event.replyTo && { reply_to_message: replied }) }
    }
    case 'command': {
      const command = `/${event.name}`
      const entities = [{ type: 'bot_command', offset: 0, length: command.length }]
      return { text: event.text ? `${command} ${event.text}` : command, entities }
    }
    case 'media': {
      const file = {
        file_id: world.keepMedia(event),
        file_unique_id: `unique-${world.nextNumber()}`,
        file_size: event.data.byteLength,
      }
      const caption = event.caption ? { caption: event.caption } : {}
      if (event.kind === 'image') return { photo: [{ ...file, width: 90, height: 90 }], ...caption }
      const name = event.filename ? { file_name: event.filename } : {}
      const duration = event.kind === 'document' ? {} : { duration: 1 }
      return { [event.kind]: { ...file, mime_type: event.mime, ...name, ...duration }, ...caption }
    }
  }
}

async function handle(call: SimulatedApiCall, account: Account): Promise<SimulatedApiAnswer> {
  const { world, credentials } = account
  const [, isFile, token, rest] = /^\/(file\/)?bot([^/]+)\/(.+)$/.exec(call.path) ?? []
  if (token !== credentials.botToken) return refusal(401, 'Unauthorized')
  if (isFile) {
    const file = world.media(rest?.split('/').at(-1) ?? '')
    return file ? { status: 200, file } : refusal(404, 'Not Found')
  }
  const fields = await fieldsOf(call)
  switch (rest) {
    case 'getMe':
      return success({ id: 1_000_001, is_bot: true, first_name: 'Simulated', username: 'sim_bot' })
    case 'getWebhookInfo':
      return success({ url: 'https://example.com/telegram', pending_update_count: 0 })
    case 'getFile': {
      const id = String(fields.file_id)
      const file = world.media(id)
      if (!file) return refusal(400, 'Bad Request: invalid file_id')
      return success({ file_id: id, file_size: file.data.byteLength, file_path: `files/${id}` })
    }
    default:
      return takeMessage(call, fields, world)
  }
}

function takeMessage(
  call: SimulatedApiCall,
  fields: Record<string, unknown>,
  world: SimulatedWorld,
): SimulatedApiAnswer {
  const to = String(fields.chat_id ?? '')
  if (!to) return refusal(400, 'Bad Request: chat_id is empty')
  const id = world.nextNumber()
  world.accept({ id: String(id), to, body: fields, path: call.path })
  if (call.path.endsWith('/setMessageReaction')) return success(true)
  return success({ message_id: id, date: Math.floor(world.now() / 1000), chat: { id: Number(to) } })
}

function success(result: unknown): SimulatedApiAnswer {
  return { status: 200, body: { ok: true, result } }
}

function refusal(status: number, description: string, parameters?: object): SimulatedApiAnswer {
  const body = { ok: false, error_code: status, description, ...(parameters && { parameters }) }
  return { status, body }
}
