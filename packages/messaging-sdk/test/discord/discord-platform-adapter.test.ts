import { generateKeyPairSync, sign } from 'node:crypto'
import {
  type APIChatInputApplicationCommandGuildInteraction,
  type APIModalSubmitInteraction,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ComponentType,
  InteractionType,
  type RESTPostAPIChannelMessageJSONBody,
} from 'discord-api-types/v10'
import { verifyKey } from 'discord-interactions'
import { describe, expect, it } from 'vitest'
import { createDiscordPlatformAdapter } from '../../src/discord/index.ts'
import { channelOf, normalizedBy, postOf, sendTo } from '../adapter-fixtures.ts'

const adapter = createDiscordPlatformAdapter()
const { publicKey, privateKey } = generateKeyPairSync('ed25519')
const hexKey = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('hex')
const credentials = {
  applicationId: '775799577604522054',
  publicKey: hexKey,
  botToken: 'bot-token',
}
const channel = channelOf(credentials)

function signedRequest(body: string, time: string) {
  const signature = sign(null, Buffer.from(time + body), privateKey).toString('hex')
  const headers = { 'x-signature-ed25519': signature, 'x-signature-timestamp': time }
  return { request: postOf(body, { headers }), signature }
}

/** A command with the snowflake of Discord's reference, which says when it was made. */
const command = {
  type: InteractionType.ApplicationCommand,
  token: 'A_UNIQUE_TOKEN',
  id: '175928847299117063',
  application_id: '775799577604522054',
  version: 1,
  guild_id: '290926798626357999',
  channel_id: '645027906669510667',
  member: {
    user: {
      id: '53908232506183680',
      username: 'mason',
      discriminator: '0',
      global_name: 'Mason',
      avatar: null,
    },
    nick: 'Boss',
    roles: [],
  },
  data: {
    type: ApplicationCommandType.ChatInput,
    name: 'ticket',
    id: '771825006014889984',
    options: [
      {
        type: ApplicationCommandOptionType.Subcommand,
        name: 'open',
        options: [{ type: ApplicationCommandOptionType.String, name: 'title', value: 'Broken' }],
      },
    ],
  },
} satisfies Loose<APIChatInputApplicationCommandGuildInteraction>

/** As much of a type as is given, all the way down. */
type Loose<T> = T extends (infer Item)[]
  ? Loose<Item>[]
  : T extends object
    ? { [Key in keyof T]?: Loose<T[Key]> }
    : T

describe('signatures', () => {
  it('agree with discord-interactions, for good and for bad', async () => {
    for (const body of ['{"type":1}', '{"text":"caf\\u00e9 ☕"}', '']) {
      const time = String(Math.floor(Date.now() / 1000))
      const { request, signature } = signedRequest(body, time)
      expect(await verifyKey(body, signature, time, hexKey)).toBe(true)
      expect(await adapter.verify(request, channel, { now: Date.now })).toEqual({ ok: true })
      const later = String(Number(time) + 1)
      const headers = { 'x-signature-ed25519': signature, 'x-signature-timestamp': later }
      expect(await verifyKey(body, signature, later, hexKey)).toBe(false)
      const moved = await adapter.verify(postOf(body, { headers }), channel, { now: Date.now })
      expect(moved.ok).toBe(false)
    }
  })

  it('with a key that is no point on the curve are refused, not thrown', async () => {
    const { request } = signedRequest('{}', String(Math.floor(Date.now() / 1000)))
    for (const key of ['ff'.repeat(32), 'zz'.repeat(32), 'ab', '']) {
      const strange = channelOf({ ...credentials, publicKey: key })
      expect((await adapter.verify(request, strange, { now: Date.now })).ok).toBe(false)
    }
  })
})

describe('handshakes', () => {
  it('answer the ping of interactions and the ping of webhook events each in its way', () => {
    const ping = { type: 1, id: '1', token: 't', version: 1, application_id: 'a' }
    const answer = adapter.handshake?.(postOf(ping), channel)
    expect(answer).toMatchObject({ status: 200, body: '{"type":1}' })
    expect(answer?.headers?.['content-type']).toBe('application/json')
    const event = { version: 1, application_id: 'a', type: 0 }
    expect(adapter.handshake?.(postOf(event), channel)).toEqual({ status: 204 })
    expect(adapter.handshake?.(postOf(command), channel)).toBeUndefined()
  })
})

describe('interactions', () => {
  it('of a command tell its sub-command, its options, and until when to answer', () => {
    const request = postOf(command)
    const events = normalizedBy(adapter, request)
    expect(events).toMatchObject([
      {
        id: 'discord:channel-1:interaction:175928847299117063',
        type: 'action.invoked',
        kind: 'command',
        name: 'ticket open',
        values: { title: 'Broken' },
        from: { primary: '53908232506183680', name: 'Boss', username: 'mason' },
        conversation: { id: '645027906669510667', kind: 'channel' },
        occurredAt: '2016-04-30T11:18:25.796Z',
        respondBy: '2016-04-30T11:33:25.796Z',
        responseToken: 'A_UNIQUE_TOKEN',
      },
    ])
    expect(adapter.respond?.(events, request, channel)?.body).toBe('{"type":5}')
    const shy = createDiscordPlatformAdapter({ answersSeenBy: 'invoker' })
    expect(shy.respond?.(events, request, channel)?.body).toBe('{"type":5,"data":{"flags":64}}')
  })

  it('of a form tell its fields, in rows and in labels', () => {
    const modal = {
      type: InteractionType.ModalSubmit,
      id: '786008729715212339',
      token: 't',
      user: { id: '1', username: 'a', discriminator: '0', global_name: null, avatar: null },
      channel: { id: '9', type: 1 },
      data: {
        custom_id: 'ticket',
        components: [
          {
            type: ComponentType.ActionRow,
            components: [
              { type: ComponentType.TextInput, id: 1, custom_id: 'title', value: 'Broken' },
            ],
          },
          {
            type: ComponentType.Label,
            id: 2,
            component: {
              type: ComponentType.StringSelect,
              id: 3,
              custom_id: 'area',
              values: ['a'],
            },
          },
        ],
      },
    } satisfies Loose<APIModalSubmitInteraction>
    expect(normalizedBy(adapter, postOf(modal))).toMatchObject([
      {
        kind: 'modal',
        name: 'ticket',
        values: { title: 'Broken', area: ['a'] },
        conversation: { id: '9', kind: 'direct' },
      },
    ])
    expect(adapter.respond?.([], postOf(modal), channel)?.body).toBe('{"type":5}')
  })

  it('of buttons, menus, message commands and suggestions are told apart', () => {
    const { data: _, ...common } = command
    const one = (type: number, data: object) =>
      normalizedBy(adapter, postOf({ ...common, type, data, message: { id: '5' } }))[0]
    expect(one(3, { component_type: 2, custom_id: 'yes' })).toMatchObject({
      kind: 'component',
      name: 'yes',
      messageId: '5',
    })
    expect(one(3, { component_type: 3, custom_id: 'list', values: ['row-2'] })).toMatchObject({
      name: 'row-2',
    })
    expect(one(2, { type: 3, name: 'Save', target_id: '77' })).toMatchObject({
      kind: 'shortcut',
      name: 'Save',
      messageId: '77',
    })
    const options = [{ type: 3, name: 'city', value: 'Ber', focused: true }]
    const asks = { ...common, type: 4, data: { name: 'weather', options } }
    expect(normalizedBy(adapter, postOf(asks))).toMatchObject([
      { kind: 'autocomplete', name: 'weather', values: { city: 'Ber' } },
    ])
    expect(adapter.respond?.([], postOf(asks), channel)?.body).toBe(
      '{"type":8,"data":{"choices":[]}}',
    )
  })
})

describe('webhook events', () => {
  it('tell about the application, are answered with 204, and keep what is unknown', () => {
    const event = (type: string) => ({
      version: 1,
      application_id: 'a',
      type: 1,
      event: {
        type,
        timestamp: '2024-10-18T14:42:53.064834',
        data: { user: { id: '1', username: 'a' } },
      },
    })
    const request = postOf(event('APPLICATION_AUTHORIZED'))
    const events = normalizedBy(adapter, request)
    expect(events).toMatchObject([
      { type: 'lifecycle', name: 'application_authorized', actor: { primary: '1' } },
    ])
    expect(adapter.respond?.(events, request, channel)).toEqual({ status: 204 })
    expect(normalizedBy(adapter, postOf(event('LOBBY_MESSAGE_CREATE')))).toMatchObject([
      { type: 'unknown', reason: 'a webhook event of type LOBBY_MESSAGE_CREATE' },
    ])
  })
})

describe('sending', () => {
  const text = { type: 'text', text: 'Hi' } as const
  const sent = { status: 200, body: { id: '1' } }

  it('escapes plain words, rings nobody, and carries a nonce', async () => {
    const part = { type: 'text', text: '*a* <@1> https://x.y/a_b_c\n> q' } as const
    const { calls } = await sendTo(adapter, { credentials, part, answer: sent })
    expect(calls[0]?.url).toBe('https://discord.com/api/v10/channels/recipient-1/messages')
    expect(calls[0]?.body).toEqual({
      content: '\\*a\\* \\<@1> https://x.y/a_b_c\n\\> q',
      allowed_mentions: { parse: [] },
      nonce: expect.stringMatching(/^[\w-]{25}$/),
      enforce_nonce: true,
    } satisfies RESTPostAPIChannelMessageJSONBody)
    expect(calls[0]?.headers.get('user-agent')).toMatch(/^DiscordBot \(/)
  })

  it('answers an interaction through its token alone', async () => {
    const message = { responseToken: 'a/b' }
    const { calls } = await sendTo(adapter, { credentials, part: text, message, answer: sent })
    expect(calls[0]?.url).toBe(
      'https://discord.com/api/v10/webhooks/775799577604522054/a%2Fb?wait=true',
    )
    expect(calls[0]?.headers.get('authorization')).toBeNull()
  })

  it('opens the direct chat with a user first', async () => {
    const message = { to: { id: '53908232506183680', kind: 'user' } }
    const { calls } = await sendTo(adapter, { credentials, part: text, message, answer: sent })
    expect(calls.map(({ url }) => new URL(url).pathname)).toEqual([
      '/api/v10/users/@me/channels',
      '/api/v10/channels/1/messages',
    ])
  })

  it('uploads a file beside the JSON', async () => {
    const data = Buffer.from('png').toString('base64')
    const part = {
      type: 'media',
      kind: 'image',
      data,
      filename: 'a.png',
      mime: 'image/png',
    } as const
    const { calls } = await sendTo(adapter, { credentials, part, answer: sent })
    const form = calls[0]?.body as FormData
    const json = JSON.parse(String(form.get('payload_json'))) as object
    expect(json).toMatchObject({ attachments: [{ id: 0, filename: 'a.png' }], enforce_nonce: true })
    expect(await (form.get('files[0]') as File).text()).toBe('png')
  })

  it.each([
    [
      'throttled',
      429,
      { message: 'You are being rate limited.', retry_after: 0.65, global: false },
    ],
    ['throttled', 400, { message: 'Slow mode', code: 20016, retry_after: 2 }],
    ['retryable', 503, { message: 'API resource is currently overloaded', code: 130000 }],
    ['auth', 401, { message: '401: Unauthorized', code: 0 }],
    ['permanent', 403, { message: 'Missing Permissions', code: 50013 }],
    ['permanent', 404, { message: 'Unknown Channel', code: 10003 }],
    ['permanent', 400, { message: 'Invalid Form Body', code: 50035 }],
    ['unknown', 502, undefined],
  ])('is %s at %i', async (expected, status, body) => {
    const answer = { status, ...(body && { body }) }
    const { outcome } = await sendTo(adapter, { credentials, part: text, answer })
    expect(outcome.outcome).toBe(expected)
    if (status === 429) {
      expect(outcome).toMatchObject({ scope: 'recipient', error: { retryAfterMs: 650 } })
    }
  })
})

describe('health', () => {
  it('notices that the key is of another application', async () => {
    const fetch = async () => Response.json({ id: '1', verify_key: 'ab'.repeat(32) })
    const context = { fetch, signal: AbortSignal.timeout(1000), now: Date.now }
    expect(await adapter.checkHealth?.(channel, context)).toMatchObject({
      status: 'unhealthy',
      message: expect.stringContaining('publicKey'),
    })
  })
})
