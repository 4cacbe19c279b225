import { createHmac } from 'node:crypto'
import { PermanentError } from '@mortise/errors'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  createFetchHandler,
  createIntegrationService,
  defineIntegration,
  type FetchHandler,
  INTEGRATION_CHANNELS,
  type InboundEvent,
  type IntegrationService,
  type MessageTransport,
  type PublishOutcome,
} from '../src/index.ts'
import { createMemoryMessageTransport } from '../src/memory/index.ts'
import { createWhatsAppPlatformAdapter } from '../src/whatsapp/index.ts'

// A busy machine is slow, not wrong.
vi.setConfig({ testTimeout: 60_000, expect: { poll: { timeout: 20_000 } } })

const appSecret = 'a secret that must never be seen'
const credentials = { phoneNumberId: '1', accessToken: 'token', appSecret, verifyToken: 'my word' }
const integration = defineIntegration({
  name: 'whatsapp',
  adapter: createWhatsAppPlatformAdapter(),
  getChannelConfig: (_ctx, id) =>
    id === '1' || id === 'support' ? { id: 'support', tenantId: 'acme', credentials } : null,
})

let transport: MessageTransport
let service: IntegrationService
let handle: FetchHandler

beforeEach(() => {
  transport = createMemoryMessageTransport()
  service = createIntegrationService({ integration, transport })
  handle = createFetchHandler(service)
})
afterEach(() => transport.close())

describe('POST /webhook', () => {
  it('answers 200 once every event is stored, and the same again for a redelivery', async () => {
    const body = delivery([text('a', 'one'), text('b', 'two')])
    const first = await handle(signed(body))
    expect(first.status).toBe(200)
    expect(first.headers.get('x-messaging-accepted')).toBe('stored')
    expect(await first.json()).toEqual({
      success: true,
      messages: 2,
      stored: 2,
      duplicates: 0,
      failed: 0,
    })
    const second = await handle(signed(body))
    expect(second.status).toBe(200)
    expect(await second.json()).toMatchObject({ stored: 0, duplicates: 2 })
  })

  it('hands the events to a consumer in their order', async () => {
    await handle(signed(delivery([text('a', 'one'), text('b', 'two'), text('c', 'three')])))
    expect(await take(3)).toMatchObject([
      { messageId: 'a' },
      { messageId: 'b' },
      { messageId: 'c' },
    ])
  })

  it('answers 503 when the store is away, and stores on the redelivery', async () => {
    const broken: MessageTransport = createMemoryMessageTransport()
    await broken.close()
    const failing = createFetchHandler(createIntegrationService({ integration, transport: broken }))
    const body = delivery([text('a', 'one')])
    expect((await failing(signed(body))).status).toBe(503)
    expect((await handle(signed(body))).status).toBe(200)
  })

  it.each([
    ['a wrong secret', () => signed(delivery([text('a', 'one')]), 'guess'), 401],
    ['no signature', () => new Request('http://x/webhook', { method: 'POST', body: '{}' }), 404],
    ['an unknown channel', () => signed(delivery([text('a', 'one')], '2')), 404],
    ['a body of 50 MB', () => signed(`{"a":"${'x'.repeat(50 * 1024 * 1024)}"}`), 413],
    ['deep nesting', () => signed('['.repeat(200_000)), 400],
  ])('refuses %s and says nothing', async (_name, request, status) => {
    const response = await handle(request())
    expect(response.status).toBe(status)
    expect(await response.text()).toBe('')
    expect(await transport.lag()).toEqual([])
  })

  it('keeps a verified body that is no JSON as an unknown event', async () => {
    const body = Buffer.from([0x7b, 0xff, 0xfe])
    const response = await handle(signed(body, appSecret, '/webhook/support'))
    expect(response.status).toBe(200)
    expect(await take(1)).toMatchObject([{ type: 'unknown', reason: 'the body could not be read' }])
  })
})

describe('an event that the transport can never take', () => {
  it('is stored without its raw object, and the events after it too', async () => {
    const { publish } = transport
    transport.publish = async (envelopes) => {
      const outcomes: PublishOutcome[] = []
      for (const envelope of envelopes) {
        const isTooLarge = JSON.stringify(envelope).length > 2_000
        const error = new PermanentError('larger than 2000', { code: 'MESSAGING_ENVELOPE_INVALID' })
        const [outcome] = isTooLarge
          ? [{ status: 'failed' as const, error }]
          : await publish([envelope])
        if (outcome) outcomes.push(outcome)
        if (isTooLarge) break
      }
      const last = outcomes.at(-1)
      return envelopes.map((_, index) => outcomes[index] ?? last ?? { status: 'stored' as const })
    }
    const large = { ...text('b', 'two'), padding: 'x'.repeat(3_000) }
    const response = await handle(signed(delivery([text('a', 'one'), large, text('c', 'three')])))
    expect(response.status).toBe(200)
    expect(await take(3)).toMatchObject([
      { messageId: 'a', raw: { id: 'a' } },
      { messageId: 'b', parts: [{ text: 'two' }], raw: { omitted: 'larger than 2000' } },
      { messageId: 'c', raw: { id: 'c' } },
    ])
  })
})

describe('a delivery for two channels', () => {
  it('stores each event under its own, and answers 503 while one is not configured', async () => {
    const value = (phoneNumberId: string, id: string) => ({
      field: 'messages',
      value: { metadata: { phone_number_id: phoneNumberId }, messages: [text(id, id)] },
    })
    const body = JSON.stringify({ entry: [{ changes: [value('1', 'a'), value('9', 'b')] }] })
    expect((await handle(signed(body))).status).toBe(503)
    expect(await take(1)).toMatchObject([{ messageId: 'a', channelId: 'support' }])
  })
})

describe('GET /webhook/:channelId', () => {
  it('answers the challenge of the subscription', async () => {
    const query = 'hub.mode=subscribe&hub.verify_token=my%20word&hub.challenge=42'
    const response = await handle(new Request(`http://x/webhook/support?${query}`))
    expect([response.status, await response.text()]).toEqual([200, '42'])
  })
})

describe('management', () => {
  it('is closed without authenticate', async () => {
    for (const path of ['status', 'health']) {
      expect((await handle(new Request(`http://x/${path}`))).status).toBe(403)
    }
  })

  it('sends for an authenticated caller and publishes message.sent', async () => {
    const calls: string[] = []
    const open = createFetchHandler(
      createIntegrationService({
        integration,
        transport,
        fetch: (async (url: string) => {
          calls.push(url)
          return Response.json({ messages: [{ id: 'wamid.out' }] })
        }) as typeof fetch,
      }),
      { authenticate: () => ({ userId: 'me' }) },
    )
    const response = await open(
      new Request('http://x/send', {
        method: 'POST',
        body: JSON.stringify({
          channelId: 'support',
          message: { to: { id: '49123' }, parts: [{ type: 'text', text: 'Hello' }] },
        }),
      }),
    )
    expect(await response.json()).toMatchObject({
      success: true,
      outcome: 'sent',
      messageId: 'wamid.out',
      eventStored: true,
    })
    const sent = await takeEnvelopes(1, [INTEGRATION_CHANNELS.MESSAGE_SENT])
    expect(sent).toMatchObject([{ tenantId: 'acme', payload: { messageId: 'wamid.out' } }])
  })
})

async function take(count: number): Promise<InboundEvent[]> {
  const envelopes = await takeEnvelopes(count)
  return envelopes.map(({ payload }) => (payload as { event: InboundEvent }).event)
}

async function takeEnvelopes(count: number, channels?: string[]) {
  const found: { tenantId: string; payload: unknown }[] = []
  await new Promise<void>((resolve) => {
    const options = { group: 'test', ...(channels && { channels }) }
    void transport.consume(options, async ({ envelope }) => {
      if (found.push(envelope) === count) resolve()
    })
  })
  return found
}

function text(id: string, body: string) {
  return { from: '49123', id, timestamp: '1730231903', type: 'text', text: { body } }
}

function delivery(messages: unknown[], phoneNumberId = '1'): string {
  const value = { metadata: { phone_number_id: phoneNumberId }, messages }
  return JSON.stringify({ entry: [{ changes: [{ field: 'messages', value }] }] })
}

function signed(body: string | Buffer, secret = appSecret, path = '/webhook'): Request {
  const signature = createHmac('sha256', secret).update(body).digest('hex')
  return new Request(`http://x${path}`, {
    method: 'POST',
    headers: { 'x-hub-signature-256': `sha256=${signature}` },
    body: new Uint8Array(Buffer.from(body)),
  })
}
