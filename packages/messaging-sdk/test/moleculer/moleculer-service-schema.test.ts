import { createHmac } from 'node:crypto'
import { ServiceBroker } from 'moleculer'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  CHANNEL_CONFIG,
  createIntegrationService,
  defineIntegration,
  INTEGRATION_CHANNELS,
  type MessageTransport,
} from '../../src/index.ts'
import { createMemoryMessageTransport } from '../../src/memory/index.ts'
import { createMoleculerServiceSchema } from '../../src/moleculer/index.ts'
import { createWhatsAppPlatformAdapter } from '../../src/whatsapp/index.ts'

// A busy machine is slow, not wrong.
vi.setConfig({ testTimeout: 60_000, expect: { poll: { timeout: 20_000 } } })

const credentials = { phoneNumberId: '1', accessToken: 't', appSecret: 's', verifyToken: 'word' }
const body = JSON.stringify({
  entry: [
    {
      changes: [
        {
          field: 'messages',
          value: {
            metadata: { phone_number_id: '1' },
            messages: [{ from: '49', id: 'a', type: 'text', text: { body: 'hello' } }],
          },
        },
      ],
    },
  ],
})
const signature = createHmac('sha256', 's').update(body).digest('hex')
const headers = { 'X-Hub-Signature-256': `sha256=${signature}` }

let transport: MessageTransport
let broker: ServiceBroker
let handled: unknown[]
let closed = false

beforeEach(async () => {
  handled = []
  closed = false
  transport = createMemoryMessageTransport()
  const integration = defineIntegration({
    name: 'whatsapp',
    adapter: createWhatsAppPlatformAdapter(),
    getChannelConfig: (_ctx, id) =>
      id === '1' || id === 'support' ? { id: 'support', tenantId: 'acme', credentials } : null,
    permissions: { i_sendMessage: 'messages.send' },
    datasources: {
      users: class {
        close() {
          closed = true
        }
      },
    },
  })
  const service = createIntegrationService({
    integration,
    transport,
    fetch: (async () => Response.json({ messages: [{ id: 'out' }] })) as typeof fetch,
  })
  broker = new ServiceBroker({ logger: false })
  broker.createService(
    createMoleculerServiceSchema(service, {
      channels: {
        [INTEGRATION_CHANNELS.MESSAGE_RECEIVED]: {
          ...CHANNEL_CONFIG.HIGH_PRIORITY,
          group: 'bot',
          handler: async (payload) => {
            handled.push(payload)
          },
        },
      },
    }),
  )
  await broker.start()
})
afterEach(async () => {
  await broker.stop()
  await transport.close()
})

describe('i_receiveWebhook', () => {
  it('stores, tells the gateway, and reaches the consumer with the original payload', async () => {
    const result = await broker.call('whatsapp.i_receiveWebhook', { rawBody: body, headers })
    expect(result).toEqual({ success: true, messages: 1, stored: 1, duplicates: 0, failed: 0 })
    await expect
      .poll(() => handled)
      .toMatchObject([
        {
          tenantId: 'acme',
          channelId: 'support',
          platform: 'whatsapp',
          message: { id: 'a', conversationId: '49', content: { type: 'TEXT', text: 'hello' } },
          event: { type: 'message.received' },
        },
      ])
  })

  it('takes bytes, and bytes that travelled as JSON', async () => {
    const bytes = Buffer.from(body)
    for (const rawBody of [bytes, JSON.parse(JSON.stringify(bytes)) as unknown]) {
      const result = await broker.call('whatsapp.i_receiveWebhook', { rawBody, headers })
      expect(result).toMatchObject({ success: true })
    }
  })

  it('refuses a bad signature with 401 and a parsed payload with 422', async () => {
    const wrong = { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` }
    const call = (params: object) => broker.call('whatsapp.i_receiveWebhook', params)
    await expect(call({ rawBody: body, headers: wrong })).rejects.toMatchObject({ code: 401 })
    await expect(call({ payload: JSON.parse(body), headers })).rejects.toMatchObject({
      code: 422,
      type: 'MESSAGING_RAW_BODY_MISSING',
    })
  })

  it('answers 503 when the store is away', async () => {
    await transport.close()
    const call = broker.call('whatsapp.i_receiveWebhook', { rawBody: body, headers })
    await expect(call).rejects.toMatchObject({ code: 503 })
  })
})

describe('the other actions', () => {
  it('i_verifyWebhook echoes the challenge', async () => {
    const params = { channelId: 'support', mode: 'subscribe', token: 'word', challenge: '42' }
    expect(await broker.call('whatsapp.i_verifyWebhook', params)).toBe('42')
    const wrong = { ...params, token: 'x' }
    await expect(broker.call('whatsapp.i_verifyWebhook', wrong)).rejects.toMatchObject({
      code: 403,
    })
  })

  it('i_sendMessage sends the original message for callers with the permission', async () => {
    const message = {
      id: 'x',
      conversationId: '49',
      from: { id: 'support' },
      to: { id: '49' },
      content: { type: 'TEXT', text: 'hi' },
      timestamp: 0,
      platform: 'whatsapp',
    }
    const params = { channelId: 'support', message }
    await expect(broker.call('whatsapp.i_sendMessage', params)).rejects.toMatchObject({ code: 403 })
    const user = { id: 'me', permissions: ['messages.send'] }
    const meta = { user, correlationId: 'mine' }
    expect(await broker.call('whatsapp.i_sendMessage', params, { meta })).toMatchObject({
      success: true,
      messageId: 'out',
      correlationId: 'mine',
    })
    const foreign = { user, tenantId: 'other' }
    await expect(
      broker.call('whatsapp.i_sendMessage', params, { meta: foreign }),
    ).rejects.toMatchObject({ code: 404, type: 'MESSAGING_CHANNEL_UNKNOWN' })
  })

  it('i_status, i_healthCheck and i_validateCredentials answer', async () => {
    expect(await broker.call('whatsapp.i_status')).toMatchObject({
      id: 'whatsapp',
      platform: 'whatsapp',
      status: 'ACTIVE',
      platformCapabilities: { replies: true },
    })
    expect(await broker.call('whatsapp.i_healthCheck')).toEqual({ status: 'healthy' })
    expect(
      await broker.call('whatsapp.i_validateCredentials', { credentials: { phoneNumberId: '1' } }),
    ).toEqual({ valid: false, message: 'missing: accessToken, appSecret, verifyToken' })
  })

  it('have the original REST paths', () => {
    const [service] = broker.services.filter(({ name }) => name === 'whatsapp')
    const actions = Object.entries(service?.schema.actions ?? {})
    const paths = actions.map(([name, action]) => {
      const { method, path } = (action as { rest: { method: string; path: string } }).rest
      return [name, `${method} ${path}`]
    })
    expect(Object.fromEntries(paths)).toEqual({
      i_receiveWebhook: 'POST /:channelId',
      i_sendMessage: 'POST /send',
      i_healthCheck: 'GET /health',
      i_verifyWebhook: 'GET /webhook',
      i_status: 'GET /status',
      i_validateCredentials: 'POST /validate',
    })
  })
})

it('disposes the datasources when the broker stops', async () => {
  expect(closed).toBe(false)
  await broker.stop()
  expect(closed).toBe(true)
})

describe('consumers of several channels', () => {
  const service = () =>
    createIntegrationService({
      integration: defineIntegration({
        name: 'support',
        adapter: createWhatsAppPlatformAdapter(),
        getChannelConfig: () => ({ id: 'support', tenantId: 'acme', credentials }),
      }),
      transport,
      fetch: (async () => Response.json({ messages: [{ id: 'out' }] })) as typeof fetch,
    })

  it('get what is theirs, without a group of their own', async () => {
    const seen: Record<string, unknown[]> = { received: [], sent: [] }
    const take = (name: string) => ({
      handler: async (payload: unknown) => void seen[name]?.push(payload),
    })
    broker.createService(
      createMoleculerServiceSchema(service(), {
        channels: {
          [INTEGRATION_CHANNELS.MESSAGE_RECEIVED]: take('received'),
          [INTEGRATION_CHANNELS.MESSAGE_SENT]: take('sent'),
        },
      }),
    )
    await broker.waitForServices('support')
    await broker.call('support.i_receiveWebhook', { rawBody: body, headers })
    const message = { to: { id: '49' }, parts: [{ type: 'text', text: 'hello' }] }
    await broker.call('support.i_sendMessage', { channelId: 'support', message })
    await expect.poll(() => [seen.received?.length, seen.sent?.length]).toEqual([1, 1])
    expect(seen).toMatchObject({
      received: [{ message: { id: 'a' } }],
      sent: [{ messageId: 'out' }],
    })
  })

  it('that share a group are a TypeError: a group has one list of channels', () => {
    const consumer = { group: 'bot', handler: async () => {} }
    const { MESSAGE_RECEIVED, MESSAGE_SENT } = INTEGRATION_CHANNELS
    const channels = { [MESSAGE_RECEIVED]: consumer, [MESSAGE_SENT]: consumer }
    expect(() => createMoleculerServiceSchema(service(), { channels })).toThrow(/group "bot"/)
  })
})
