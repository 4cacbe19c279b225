import { TransientError } from '@mortise/errors'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  createFetchHandler,
  createIntegrationService,
  defineIntegration,
  type IntegrationServiceOptions,
  type MessageTransport,
  type SendCallOptions,
} from '../src/index.ts'
import { createMemoryMessageTransport } from '../src/memory/index.ts'
import { createNatsMessageTransport } from '../src/nats/index.ts'
import { createTelegramPlatformAdapter, type TelegramCredentials } from '../src/telegram/index.ts'

vi.setConfig({ expect: { poll: { timeout: 20_000 } } })

let transport: MessageTransport
beforeEach(() => {
  transport = createMemoryMessageTransport()
})
afterEach(() => transport.close())

const integration = defineIntegration({
  name: 'telegram',
  adapter: createTelegramPlatformAdapter(),
  getChannelConfig: () => null,
})
const serviceOf = (options: Partial<IntegrationServiceOptions> = {}) =>
  createIntegrationService({ integration, transport, ...options })

/** Switch limits off, or let timers fire at once. */
const ODD = [Number.NaN, Number.POSITIVE_INFINITY, -1, '3' as unknown as number]
const TOO_LONG = 2 ** 40

describe.each(ODD)('%s is refused, and the option named', (odd) => {
  it('by the service', () => {
    expect(() => serviceOf({ send: { maxAttempts: odd } })).toThrow('maxAttempts must be')
    expect(() => serviceOf({ limits: { perSecond: odd } })).toThrow('limits.perSecond must be')
    const cached = { ...integration, cache: { ttl: odd } }
    expect(() => serviceOf({ integration: cached })).toThrow('cache.ttl must be')
  })

  it.each<keyof SendCallOptions>(['maxAttempts', 'deadlineMs', 'timeoutMs', 'idempotencyTtlMs'])(
    'by a send: %s',
    async (name) => {
      const message = { to: { id: '1' }, parts: [{ type: 'text' as const, text: 'Hello' }] }
      const sending = serviceOf().sendMessage(message, { channelId: 'c', [name]: odd })
      await expect(sending).rejects.toThrow(`${name} must be`)
    },
  )

  it('by a door', () => {
    const service = serviceOf()
    expect(() => createFetchHandler(service, { maxBodyBytes: odd })).toThrow('maxBodyBytes must be')
    expect(() => createFetchHandler(service, { maxDepth: odd })).toThrow('maxDepth must be')
  })

  it('by the transports', async () => {
    const memory = { retentionMs: odd }
    expect(() => createMemoryMessageTransport(memory)).toThrow('retentionMs must be')
    const nats = createNatsMessageTransport({ servers: 'nats://127.0.0.1:1', retentionMs: odd })
    await expect(nats).rejects.toThrow('retentionMs must be')
    const consuming = transport.consume({ group: 'g', ackWaitMs: odd }, async () => {})
    await expect(consuming).rejects.toThrow('ackWaitMs must be')
  })
})

it('refuses times that no timer can wait', async () => {
  const consuming = transport.consume({ group: 'g', ackWaitMs: TOO_LONG }, async () => {})
  await expect(consuming).rejects.toThrow('ackWaitMs must be')
  expect(() => serviceOf({ send: { timeoutMs: TOO_LONG } })).toThrow('timeoutMs must be')
  const polling = () => createMemoryMessageTransport({ pollIntervalMs: TOO_LONG })
  expect(polling).toThrow('pollIntervalMs must be')
})

it('takes options that are there without a value for absent', async () => {
  const send = { maxAttempts: undefined } as unknown as { maxAttempts: number }
  const failing = defineIntegration<TelegramCredentials>({
    name: 'telegram',
    adapter: {
      ...createTelegramPlatformAdapter(),
      send: async () => ({ outcome: 'retryable', error: new TransientError('down') }),
    },
    getChannelConfig: () => ({
      tenantId: 'acme',
      credentials: { botToken: '1:token', secretToken: 'word' },
    }),
  })
  const service = serviceOf({ integration: failing, send, random: () => 0, limits: false })
  const message = { to: { id: '1' }, parts: [{ type: 'text' as const, text: 'Hello' }] }
  expect(await service.sendMessage(message, { channelId: 'c' })).toMatchObject({ attempts: 3 })
})

it.each([
  [{ group: 'g' }, undefined, 'the handler must be a function'],
  [{ group: 5 }, async () => {}, 'group must be'],
  [{ group: 'g', channels: 'c' }, async () => {}, 'channels must be'],
  [{ group: 'g', deadLettering: { queueName: '' } }, async () => {}, 'deadLettering.queueName'],
])('consume refuses %j with %s', async (options, handler, problem) => {
  const given = [options as never, handler as never] as const
  await expect(transport.consume(...given)).rejects.toThrow(problem)
  await expect(serviceOf().consume(...given)).rejects.toThrow(problem)
})

describe('a consumer goes on', () => {
  const envelope = (id: string) => ({
    ...{ id, channel: 'c', tenantId: 'acme', channelId: 'support', orderKey: id },
    payload: {},
  })

  it.each<[string, () => number]>([
    ['throws', () => { throw new Error('no idea') }], // biome-ignore format: one line each
    ['names no number', () => Number.NaN],
    ['names less than nothing', () => -1],
    ['names an eternity', () => Number.MAX_VALUE],
  ])('when backoffMs %s', async (_, backoffMs) => {
    await using own = createMemoryMessageTransport({ random: () => 0 })
    const handled: string[] = []
    const options = { group: 'g', backoffMs }
    await using _consumer = await own.consume(options, async (delivery) => {
      handled.push(delivery.envelope.id)
      if (delivery.envelope.id === 'bad') throw new Error('not today')
    })
    await own.publish([envelope('bad')])
    await expect.poll(() => handled).toContain('bad')
    await own.publish([envelope('good')])
    await expect.poll(() => handled).toContain('good')
    expect(await own.lag()).toHaveLength(1)
  })
})
