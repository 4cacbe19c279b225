import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto'
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

/** PKCS #8 of an Ed25519 key is this prefix and 32 bytes; ours are the hash of a word, so they never change. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')
const SEED = createHash('sha256').update('the key of the simulated Discord').digest()
const PRIVATE_KEY = createPrivateKey({
  key: Buffer.concat([PKCS8_PREFIX, SEED]),
  format: 'der',
  type: 'pkcs8',
})
const PUBLIC_KEY = Buffer.from(
  createPublicKey(PRIVATE_KEY).export({ format: 'jwk' }).x ?? '',
  'base64url',
).toString('hex')

const DEFAULTS = {
  applicationId: '1032000000000000000',
  publicKey: PUBLIC_KEY,
  botToken: 'simulated-bot-token',
}
const CHAT = '645027906669510667'
const PERSON = '53908232506183680'
const DISCORD_EPOCH_MS = 1_420_070_400_000

type Account = SimulatedSetup<typeof DEFAULTS>

/** Discord's interactions, webhook events and REST API. @see https://docs.discord.com/developers/interactions/receiving-and-responding */
export const simulatedDiscord = defineSimulatedPlatform({
  platform: 'discord',
  defaults: DEFAULTS,
  createAccount: (account) => ({
    secret: 'publicKey',
    person: CHAT,
    maxBatch: 1,
    compose: ([event]) => compose(event as SimulatedEvent, account),
    sign: (webhook, { url }) => {
      const time = String(Math.floor(account.world.now() / 1000))
      const signature = sign(null, Buffer.from(time + webhook.body), PRIVATE_KEY).toString('hex')
      const proof = { 'x-signature-ed25519': signature, 'x-signature-timestamp': time }
      return { ...webhook, url, headers: { ...webhook.headers, ...proof } }
    },
    challenge: () => post({ ...common(account), type: 1 }),
    isSend: ({ path }) => /\/(channels|webhooks)\//.test(path) && !path.includes('/users/'),
    handle: (call) => handle(call, account),
    tooFast: (retryAfterMs) => {
      const seconds = retryAfterMs / 1000
      const body = { message: 'You are being rate limited.', retry_after: seconds, global: false }
      return { status: 429, headers: { 'retry-after': retryAfterSeconds(retryAfterMs) }, body }
    },
  }),
})

function post(value: object, id = ''): UnsignedWebhook {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(value),
    ids: id ? [id] : [],
    conversation: CHAT,
  }
}

function common({ credentials, world }: Account) {
  const id = snowflake(world)
  return {
    id,
    application_id: credentials.applicationId,
    token: `interaction-token-${id}`,
    version: 1,
  }
}

function snowflake(world: SimulatedWorld): string {
  const time = BigInt(Math.max(0, world.now() - DISCORD_EPOCH_MS))
  return String((time << 22n) + BigInt(world.nextNumber() % 2 ** 22))
}

function compose(event: SimulatedEvent, account: Account): UnsignedWebhook {
  if (event.type === 'native') {
    const { applicationId } = account.credentials
    return post({ version: 1, application_id: applicationId, type: 1, event: event.body })
  }
  if (event.type !== 'command' && event.type !== 'press') throw notSimulated('Discord', event)
  const user = { id: event.from ?? PERSON, username: 'mason', global_name: 'Mason', bot: false }
  const member = { user, nick: null, roles: [], joined_at: '2017-03-13T19:19:14.040000+00:00' }
  const place = { guild_id: '290926798626357999', channel_id: CHAT, channel: { id: CHAT, type: 0 } }
  const interaction = { ...common(account), member, ...place, locale: 'en-US' }
  const content =
    event.type === 'command'
      ? { type: 2, data: commandData(event) }
      : {
          type: 3,
          data: { component_type: 2, custom_id: event.id },
          message: { id: event.messageId ?? snowflake(account.world), content: 'Choose' },
        }
  return post({ ...interaction, ...content }, interaction.id)
}

function commandData(event: { name: string; text?: string }) {
  const options = event.text ? { options: [{ type: 3, name: 'text', value: event.text }] } : {}
  return { id: '771825006014889984', type: 1, name: event.name, ...options }
}

async function handle(call: SimulatedApiCall, account: Account): Promise<SimulatedApiAnswer> {
  const { world, credentials } = account
  const isFollowUp = call.path.startsWith('/webhooks/')
  if (!isFollowUp && call.headers.authorization !== `Bot ${credentials.botToken}`) {
    return { status: 401, body: { message: '401: Unauthorized', code: 0 } }
  }
  if (call.path === '/applications/@me') {
    const body = { id: credentials.applicationId, verify_key: credentials.publicKey }
    return { status: 200, body }
  }
  const fields = messageFields(await fieldsOf(call))
  if (call.path === '/users/@me/channels') {
    return { status: 200, body: { id: `dm-${String(fields.recipient_id)}`, type: 1 } }
  }
  const [, , chat = '', , messageId, isReaction] = call.path.split('/')
  if (isReaction === 'reactions') {
    world.accept({ id: `${messageId}`, to: chat, body: { path: call.path }, path: call.path })
    return { status: 204 }
  }
  const nonce = fields.enforce_nonce === true ? String(fields.nonce) : undefined
  const known = nonce && world.acceptedWith(nonce)
  const id = known ? known.id : snowflake(world)
  if (!known) {
    const key = nonce ? { idempotencyKey: nonce } : {}
    world.accept({ id, to: chat, body: fields, path: call.path, ...key })
  }
  return { status: 200, body: { id, channel_id: chat, content: fields.content } }
}

/** With a file the message is JSON inside a form. */
function messageFields(fields: Record<string, unknown>): Record<string, unknown> {
  if (typeof fields.payload_json !== 'string') return fields
  return { ...(JSON.parse(fields.payload_json) as object), file: fields['files[0]'] }
}
