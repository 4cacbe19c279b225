import { createHmac, timingSafeEqual } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, expectTypeOf, it, vi } from 'vitest'
import {
  createFetchHandler,
  createIntegrationService,
  defineIntegration,
  INTEGRATION_CHANNELS,
  type IntegrationConfig,
  type MessageTransport,
  type NormalizedMessage,
} from '../src/index.ts'
import { createMemoryMessageTransport } from '../src/memory/index.ts'
import { createWhatsAppPlatformAdapter } from '../src/whatsapp/index.ts'

// A busy machine is slow, not wrong.
vi.setConfig({ testTimeout: 60_000, expect: { poll: { timeout: 20_000 } } })

const spec = {
  id: 'acme-chat',
  name: 'Acme Chat',
  platform: 'acme',
  version: '1.0.0',
  status: 'ACTIVE',
  capabilities: ['SEND_MESSAGE', 'RECEIVE_MESSAGE', 'WEBHOOK_VALIDATION'],
}
const config: IntegrationConfig = { tenantId: 't', credentials: { secret: 's' } }
const message: NormalizedMessage = {
  id: 'm1',
  conversationId: 'c1',
  from: { id: 'ada', name: 'Ada' },
  to: { id: 'shop' },
  content: { type: 'FILE', text: 'look', media: { url: 'https://x/y.png', mimeType: 'image/png' } },
  timestamp: 1_730_231_903_000,
  platform: 'acme',
}

let transport: MessageTransport
beforeEach(() => {
  transport = createMemoryMessageTransport()
})
afterEach(() => transport.close())

function post(body: unknown, { secret = 's', raw = false } = {}): Request {
  const text = raw ? String(body) : JSON.stringify(body)
  const signature = createHmac('sha256', secret).update(text).digest('hex')
  const headers = { 'x-signature': signature }
  return new Request('http://x/shop', { method: 'POST', headers, body: text })
}

/** The original's form of an integration, hook for hook. */
function acme(overrides: object = {}) {
  return defineIntegration({
    name: 'acme',
    spec,
    getChannelConfig: (_ctx, id) => (id === 'shop' ? config : null),
    normalize: async (webhook) => (webhook.payload as { messages: NormalizedMessage[] }).messages,
    sendMessage: async () => ({ success: true, messageId: '1' }),
    validateWebhook: (webhook) =>
      Array.isArray((webhook.payload as { messages?: unknown }).messages),
    validateSignature: (webhook, channel) => {
      const expected = createHmac('sha256', channel.credentials.secret ?? '').update(
        webhook.rawBody,
      )
      const given = Buffer.from(webhook.headers['x-signature'] ?? '', 'hex')
      const digest = expected.digest()
      return given.length === digest.length && timingSafeEqual(given, digest)
    },
    verifyWebhook: ({ mode, token, challenge }) =>
      mode === 'subscribe' && token === 'word' ? challenge : null,
    ...overrides,
  })
}

describe('receiving through hooks', () => {
  it('stores the original messages as events, with the original payload beside', async () => {
    const handle = createFetchHandler(createIntegrationService({ integration: acme(), transport }))
    expect((await handle(post({ messages: [message] }))).status).toBe(200)
    const payload = await firstPayload()
    expect(payload).toMatchObject({
      tenantId: 't',
      channelId: 'shop',
      platform: 'acme',
      message: { id: 'm1', conversationId: 'c1', content: message.content },
      event: {
        type: 'message.received',
        id: 'acme:shop:m1',
        occurredAt: '2024-10-29T19:58:23.000Z',
        parts: [
          { type: 'text', text: 'look' },
          { type: 'media', kind: 'image', ref: { url: 'https://x/y.png' } },
        ],
      },
    })
  })

  it('fails closed: no validateSignature, no webhook, unless unsigned ones are accepted', async () => {
    const status = async (overrides: object) => {
      const integration = acme({ validateSignature: undefined, ...overrides })
      const handle = createFetchHandler(createIntegrationService({ integration, transport }))
      return (await handle(post({ messages: [message] }))).status
    }
    expect(await status({})).toBe(401)
    expect(await status({ acceptUnsigned: true })).toBe(200)
  })

  it('refuses a wrong signature with 401 and a wrong payload with 400', async () => {
    const handle = createFetchHandler(createIntegrationService({ integration: acme(), transport }))
    expect((await handle(post({ messages: [message] }, { secret: 'guess' }))).status).toBe(401)
    expect((await handle(post({ hello: 1 }))).status).toBe(400)
  })

  it('keeps what a hook answers wrongly, and what it cannot read, as unknown events', async () => {
    const integration = acme({ normalize: async () => [{ nonsense: true }] })
    const handle = createFetchHandler(createIntegrationService({ integration, transport }))
    expect((await handle(post({ messages: [] }))).status).toBe(200)
    expect(await firstPayload()).toMatchObject({
      event: { type: 'unknown', raw: { nonsense: true } },
    })
  })

  it('refuses what makes a hook throw, and keeps a signed body that is no JSON', async () => {
    const answer = async (request: Request, overrides: object = {}) => {
      const integration = acme(overrides)
      const handle = createFetchHandler(createIntegrationService({ integration, transport }))
      const response = await handle(request)
      return [response.status, response.status === 200 ? 'stored' : await response.text()]
    }
    const validateSignature = () => timingSafeEqual(Buffer.from('a'), Buffer.from('longer'))
    expect(await answer(post({ messages: [message] }), { validateSignature })).toEqual([401, ''])
    expect(await answer(post(null))).toEqual([400, ''])
    expect(await answer(post('{', { raw: true, secret: 'guess' }))).toEqual([401, ''])
    expect(await answer(post('{', { raw: true }))).toEqual([400, ''])
    const kept = { validateWebhook: undefined }
    expect(await answer(post('{', { raw: true }), kept)).toEqual([200, 'stored'])
    expect(await firstPayload()).toMatchObject({ event: { type: 'unknown', raw: { body: '{' } } })
  })

  it('answers the challenge', async () => {
    const handle = createFetchHandler(createIntegrationService({ integration: acme(), transport }))
    const ask = (token: string) =>
      handle(
        new Request(`http://x/shop?hub.mode=subscribe&hub.verify_token=${token}&hub.challenge=9`),
      )
    expect(await (await ask('word')).text()).toBe('9')
    expect((await ask('guess')).status).toBe(403)
  })
})

describe('sending through hooks', () => {
  const outbound = { to: { id: 'ada' }, parts: [{ type: 'text' as const, text: 'hi' }] }
  const send = (sendMessage: unknown) => {
    const integration = acme({ sendMessage })
    const random = () => 0
    const service = createIntegrationService({ integration, transport, random })
    return service.sendMessage(outbound, { channelId: 'shop' })
  }

  it('retries a failure that the hook returns, and not one that it throws', async () => {
    let calls = 0
    const returned = async () =>
      ++calls < 3 ? { success: false, error: new Error('no') } : { success: true }
    expect(await send(returned)).toMatchObject({ success: true, attempts: 3 })
    const thrown = async () => {
      throw new Error('lost')
    }
    expect(await send(thrown)).toMatchObject({ success: false, outcome: 'unknown', attempts: 1 })
  })

  it('hands on the original message and the channel', async () => {
    const seen: unknown[] = []
    await send(async (_ctx: unknown, given: unknown, channel: unknown) => {
      seen.push(given, channel)
      return { success: true }
    })
    expect(seen).toMatchObject([
      { to: { id: 'ada' }, content: { type: 'TEXT', text: 'hi' }, platform: 'acme' },
      { tenantId: 't', credentials: { secret: 's' } },
    ])
  })
})

describe('what hooks inherit', () => {
  it('datasources once per service, a cache, permissions, and the context of the call', async () => {
    let made = 0
    let closed = 0
    class Users {
      constructor() {
        made++
      }
      name = (id: string) => `user ${id}`
      close() {
        closed++
      }
    }
    const seen: unknown[] = []
    const integration = defineIntegration({
      name: 'acme',
      spec,
      datasources: { users: Users },
      cache: { ttl: 60_000 },
      permissions: { i_sendMessage: ['send', 'admin'], i_status: (ctx) => ctx.hasRole('ops') },
      getChannelConfig: () => config,
      normalize: () => [],
      sendMessage: async (ctx) => {
        expectTypeOf(ctx.datasources.users).toEqualTypeOf<Users>()
        const count = ((await ctx.cache.get<number>('count')) ?? 0) + 1
        await ctx.cache.set('count', count)
        seen.push([ctx.datasources.users.name('1'), count, ctx.meta.correlationId])
        return { success: true }
      },
    })
    const service = createIntegrationService({ integration, transport })
    const outbound = { to: { id: 'ada' }, parts: [{ type: 'text' as const, text: 'hi' }] }
    const meta = { correlationId: 'c', user: { id: 'me', permissions: ['send'], roles: ['ops'] } }
    for (let round = 0; round < 2; round++) {
      await service.sendMessage(outbound, { channelId: 'shop', meta })
    }
    expect(seen).toEqual([
      ['user 1', 1, 'c'],
      ['user 1', 2, 'c'],
    ])
    await expect(service.sendMessage(outbound, { channelId: 'shop' })).rejects.toMatchObject({
      kind: 'auth',
      code: 'PERMISSION_DENIED',
    })
    expect(await service.status({ meta })).toMatchObject({ id: 'acme-chat' })
    await expect(service.status()).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
    await service.close()
    await service.close()
    expect([made, closed]).toEqual([1, 1])
  })

  it('a memoized action: one lookup for many calls, and none kept of a failure', async () => {
    let lookups = 0
    const integration = acme({
      memoizeMs: { getChannelConfig: 60_000 },
      getChannelConfig: async () => {
        if (++lookups === 1) throw new Error('the database is down')
        return config
      },
    })
    const handle = createFetchHandler(createIntegrationService({ integration, transport }))
    expect((await handle(post({ messages: [message] }))).status).toBe(503)
    const posts = Array.from({ length: 20 }, () => handle(post({ messages: [message] })))
    expect((await Promise.all(posts)).map(({ status }) => status)).toEqual(Array(20).fill(200))
    expect(lookups).toBe(2)
  })
})

describe('a wrong declaration is a TypeError that names the option', () => {
  const getChannelConfig = () => null
  it.each([
    [{ name: 'With Space', adapter: createWhatsAppPlatformAdapter(), getChannelConfig }, /^name /],
    [{ name: 'x', adapter: createWhatsAppPlatformAdapter() }, /^getChannelConfig /],
    [{ name: 'x', spec, getChannelConfig, sendMessage: () => {} }, /^normalize /],
    [{ name: 'x', spec, getChannelConfig, normalize: () => {} }, /^sendMessage /],
    [{ name: 'x', getChannelConfig, normalize: () => {}, sendMessage: () => {} }, /^spec /],
  ])('%#', (options, problem) => {
    expect(() => defineIntegration(options as never)).toThrow(problem)
  })
})

async function firstPayload(): Promise<unknown> {
  return new Promise((resolve) => {
    const { MESSAGE_RECEIVED, EVENT_RECEIVED } = INTEGRATION_CHANNELS
    const options = { group: 'test', channels: [MESSAGE_RECEIVED, EVENT_RECEIVED] }
    void transport.consume(options, async ({ envelope }) => resolve(envelope.payload))
  })
}
