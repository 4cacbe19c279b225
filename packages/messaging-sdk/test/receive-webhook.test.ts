import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import {
  createIntegrationService,
  defineIntegration,
  type IntegrationOptions,
  type MessageTransport,
  type PlatformAdapter,
} from '../src/index.ts'
import { createMemoryMessageTransport } from '../src/memory/index.ts'
import { createWhatsAppPlatformAdapter } from '../src/whatsapp/index.ts'
import { postOf } from './adapter-fixtures.ts'

type Adapter = PlatformAdapter<Record<string, string>>

let transport: MessageTransport
beforeEach(() => {
  transport = createMemoryMessageTransport()
})
afterEach(() => transport.close())

const whatsapp = createWhatsAppPlatformAdapter() as unknown as Adapter

function serviceOf(
  adapter: Partial<Adapter>,
  options: Partial<IntegrationOptions<Record<string, string>>> = {},
) {
  const integration = defineIntegration<Record<string, string>>({
    name: 'whatsapp',
    adapter: { ...whatsapp, verify: () => ({ ok: true }), ...adapter },
    getChannelConfig: () => ({ tenantId: 'acme', credentials: {} }),
    ...options,
  })
  return createIntegrationService({ integration, transport })
}
const broken = () => {
  throw new Error('broken, with the secret in its words')
}
const request = postOf({ entry: [] })

it.each(['route', 'verify', 'handshake'])(
  'asks the platform to come again when %s throws, and tells it nothing',
  async (member) => {
    const result = await serviceOf({ [member]: broken }).receiveWebhook(request, { channelId: 'c' })
    expect(result).toMatchObject({ success: false, response: { status: 503 } })
    expect(JSON.stringify(result)).not.toContain('secret')
  },
)

it('asks the platform to come again when a transport breaks its promise and rejects', async () => {
  transport.publish = broken
  const result = await serviceOf({}).receiveWebhook(request, { channelId: 'c' })
  expect(result).toMatchObject({ success: false, response: { status: 503 } })
})

it('acknowledges what is stored, also when the answer cannot be made', async () => {
  const result = await serviceOf({ respond: broken }).receiveWebhook(request, { channelId: 'c' })
  expect(result).toMatchObject({ success: true, stored: 1, response: { status: 200 } })
})

it('answers 403 where the rule of the action says no', async () => {
  const service = serviceOf({}, { permissions: { i_receiveWebhook: 'webhooks' } })
  const result = await service.receiveWebhook(request, { channelId: 'c' })
  expect(result).toMatchObject({ success: false, response: { status: 403 } })
})

it('looks no channel up for a body that names thousands: nothing of it is proven yet', async () => {
  const getChannelConfig = vi.fn(() => null)
  const entry = Array.from({ length: 1_001 }, (_, index) => ({ id: `page-${index}` }))
  const service = serviceOf({}, { getChannelConfig })
  const result = await service.receiveWebhook(postOf({ entry }), { channelId: 'c' })
  expect(result.response.status).toBe(404)
  expect(getChannelConfig).not.toHaveBeenCalled()
})

it('remembers a channel for the tenant that asked: another may have one of the same name', async () => {
  const service = serviceOf(
    { send: async () => ({ outcome: 'sent' }) },
    {
      memoizeMs: { getChannelConfig: 60_000 },
      getChannelConfig: ({ meta: { tenantId } }) =>
        tenantId === 'stranger' ? null : { tenantId: tenantId ?? 'acme', credentials: {} },
    },
  )
  const message = { to: { id: '1' }, parts: [{ type: 'text' as const, text: 'Hello' }] }
  const send = (tenantId: string) =>
    service.sendMessage(message, { channelId: 'c', meta: { tenantId } })
  await expect(send('stranger')).rejects.toMatchObject({ code: 'MESSAGING_CHANNEL_UNKNOWN' })
  expect(await service.receiveWebhook(request, { channelId: 'c' })).toMatchObject({ success: true })
  expect(await send('acme')).toMatchObject({ outcome: 'sent' })
  expect(await send('globex')).toMatchObject({ outcome: 'sent' })
})
