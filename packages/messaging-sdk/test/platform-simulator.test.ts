import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { fetchMediaAddress } from '../src/media-address.ts'
import { createRawRequest } from '../src/raw-request.ts'
import {
  createPlatformSimulator,
  type PlatformSimulator,
  type PlatformSimulatorOptions,
} from '../src/testing/index.ts'
import { createWhatsAppPlatformAdapter } from '../src/whatsapp/index.ts'
import type { WhatsAppCredentials } from '../src/whatsapp/whatsapp-credentials.ts'
import { channelOf, sendContext } from './adapter-fixtures.ts'

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

/** A receiver on a real port that answers with what `answer` says, in turn, then 200. */
async function receiver(answers: number[] = []) {
  const bodies: string[] = []
  const seen: { method: string; url: string; headers: Record<string, string>; body: Uint8Array }[] =
    []
  const server = createServer((request, response) => {
    buffer(request).then((body) => {
      bodies.push(body.toString())
      const headers = request.headers as Record<string, string>
      seen.push({ method: request.method ?? '', url: request.url ?? '', headers, body })
      response.writeHead(answers.shift() ?? 200).end()
    }, response.destroy.bind(response))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanups.push(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/webhook`, bodies, seen }
}

async function start(options: Partial<PlatformSimulatorOptions> = {}): Promise<PlatformSimulator> {
  const simulator = await createPlatformSimulator({ platform: 'whatsapp', ...options })
  cleanups.push(simulator.close)
  return simulator
}

/** The WhatsApp adapter, pointed at the simulator. */
function whatsApp(simulator: PlatformSimulator) {
  const adapter = createWhatsAppPlatformAdapter({ baseUrl: simulator.apiUrl })
  const channel = channelOf(simulator.credentials as unknown as WhatsAppCredentials)
  return { adapter, channel }
}

describe('webhooks of the simulator', () => {
  it('carry a signature that the adapter accepts, with text, picture and status in one delivery', async () => {
    const target = await receiver()
    const simulator = await start({ webhookUrl: target.url })
    const { adapter, channel } = whatsApp(simulator)
    const image = Buffer.from('pretend this is a png')
    const answer = await simulator.post([
      { type: 'text', text: 'Hello' },
      { type: 'media', kind: 'image', data: image, mime: 'image/png', caption: 'Look' },
      { type: 'status', messageId: 'wamid.x', status: 'delivered', correlationId: 'c-1' },
    ])
    expect(answer.status).toBe(200)
    const request = createRawRequest(target.seen[0] ?? { method: '', url: '/', headers: {} })
    expect(await adapter.verify(request, channel, { now: Date.now })).toEqual({ ok: true })
    const receivedAt = new Date().toISOString()
    const events = adapter.normalize(request, { channel, receivedAt })
    expect(events.map(({ type }) => type)).toEqual([
      'message.received',
      'message.received',
      'message.status',
    ])
    const part = events[1]?.type === 'message.received' ? events[1].parts[0] : undefined
    if (part?.type !== 'media') throw new Error('the second event has no medium')
    const address = await adapter.resolveMedia?.(part.ref, channel, sendContext())
    expect(address).toMatchObject({ mediaType: 'image/png', sizeBytes: image.byteLength })
    const media = await fetchMediaAddress(address ?? { url: '' }, sendContext())
    expect(Buffer.from(await media.arrayBuffer())).toEqual(image)
  })

  it('are refused when a byte of them changes on the way', async () => {
    const simulator = await start({ webhookUrl: 'http://localhost/webhook' })
    const { adapter, channel } = whatsApp(simulator)
    const webhook = simulator.webhook({ type: 'text', text: 'Hello' })
    const body = Buffer.from(webhook.body.replace('Hello', 'Hullo'))
    const verdict = await adapter.verify(createRawRequest({ ...webhook, body }), channel, {
      now: Date.now,
    })
    expect(verdict.ok).toBe(false)
  })

  it('are posted again until they are acknowledged, and reported when they never are', async () => {
    const target = await receiver([503, 500, 200, 503, 503, 503])
    const simulator = await start({ webhookUrl: target.url })
    const report = await simulator.deliver(
      [
        { type: 'text', text: 'one' },
        { type: 'text', text: 'two' },
      ],
      { maxAttempts: 3, retryDelayMs: 1 },
    )
    expect(report).toMatchObject({ webhooks: 2, acknowledged: 1, attempts: 6, duplicates: 0 })
    expect(report.refused.map(({ status }) => status)).toEqual([503])
    expect(target.bodies[0]).toBe(target.bodies[2])
  })

  it('come twice and out of order when asked, the same way for the same seed', async () => {
    const texts = Array.from({ length: 20 }, (_, index) => ({
      type: 'text' as const,
      text: `message-${index}`,
    }))
    const orders = []
    for (let run = 0; run < 2; run++) {
      const target = await receiver()
      const simulator = await start({ webhookUrl: target.url, seed: 7 })
      const acknowledged: string[] = []
      const report = await simulator.deliver(texts, {
        duplicates: 0.3,
        reorder: 5,
        onAcknowledged: ({ ids }) => acknowledged.push(...ids),
      })
      expect(report.duplicates).toBeGreaterThan(0)
      expect(acknowledged).toHaveLength(20 + report.duplicates)
      orders.push(target.bodies.map((body) => /message-\d+/.exec(body)?.[0]))
    }
    expect(orders[0]).toEqual(orders[1])
    expect(new Set(orders[0]).size).toBe(20)
    expect(orders[0]?.slice(0, 20)).not.toEqual(texts.map(({ text }) => text))
  })

  it('of one conversation wait for each other when order is asked for', async () => {
    const target = await receiver([503, 200])
    const simulator = await start({ webhookUrl: target.url })
    await simulator.deliver(
      [
        { type: 'text', text: 'first', from: '1' },
        { type: 'text', text: 'second', from: '1' },
      ],
      { orderedByConversation: true, concurrency: 8, retryDelayMs: 1 },
    )
    expect(target.bodies.map((body) => /first|second/.exec(body)?.[0])).toEqual([
      'first',
      'first',
      'second',
    ])
  })

  it('begin with a challenge that the adapter answers', async () => {
    const target = await receiver()
    const simulator = await start({ webhookUrl: target.url })
    const { adapter, channel } = whatsApp(simulator)
    await simulator.challenge()
    const [request] = target.seen
    const answer = adapter.handshake?.(
      createRawRequest(request ?? { method: '', url: '/', headers: {} }),
      channel,
    )
    expect(answer).toMatchObject({ status: 200, body: expect.stringMatching(/^\d+$/) })
  })

  it('need an address', async () => {
    const simulator = await start()
    expect(() => simulator.webhook({ type: 'text', text: 'Hello' })).toThrow(/webhookUrl/)
  })

  it('refuse an event that the platform does not have', async () => {
    const simulator = await start({ webhookUrl: 'http://localhost' })
    expect(() => simulator.webhook({ type: 'command', name: 'help' })).toThrow(/type command/)
  })
})

describe('the send API of the simulator', () => {
  const text = { type: 'text', text: 'Hi' } as const
  const message = { to: { id: '16505551234' }, parts: [text] }

  it('throttles with Retry-After as often as asked, then accepts', async () => {
    const simulator = await start()
    const { adapter, channel } = whatsApp(simulator)
    simulator.failNext({ kind: 'too-fast', retryAfterMs: 1500 }, 2)
    const outcomes = []
    for (let call = 0; call < 3; call++) {
      outcomes.push(await adapter.send(text, message, channel, sendContext()))
    }
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['throttled', 'throttled', 'sent'])
    expect(outcomes[0]).toMatchObject({ error: { retryAfterMs: 1500 } })
    expect(simulator.sent).toHaveLength(1)
    expect(simulator.calls).toHaveLength(3)
  })

  it('limits the rate by the clock it is given', async () => {
    let now = 0
    const simulator = await start({ rateLimit: { perSecond: 2, burst: 1 }, now: () => now })
    const { adapter, channel } = whatsApp(simulator)
    const send = async () => (await adapter.send(text, message, channel, sendContext())).outcome
    expect([await send(), await send()]).toEqual(['sent', 'throttled'])
    now = 500
    expect(await send()).toBe('sent')
  })

  it('can break the connection before or after it accepted', async () => {
    const simulator = await start()
    const { adapter, channel } = whatsApp(simulator)
    simulator.failNext({ kind: 'reset', accepted: false })
    simulator.failNext({ kind: 'reset', accepted: true })
    const send = async () => (await adapter.send(text, message, channel, sendContext())).outcome
    expect([await send(), await send()]).toEqual(['unknown', 'unknown'])
    expect(simulator.sent).toHaveLength(1)
  })

  it('can accept and never answer', async () => {
    const simulator = await start()
    const { adapter, channel } = whatsApp(simulator)
    simulator.failNext({ kind: 'hang' })
    const caller = new AbortController()
    const context = sendContext({ signal: caller.signal })
    const sending = adapter.send(text, message, channel, context)
    await expect.poll(() => simulator.sent.length).toBe(1)
    caller.abort()
    expect((await sending).outcome).toBe('unknown')
  })

  it('answers as it is told to', async () => {
    const simulator = await start()
    const { adapter, channel } = whatsApp(simulator)
    simulator.failNext({ kind: 'answer', status: 400, body: { error: { code: 131047 } } })
    const { outcome } = await adapter.send(text, message, channel, sendContext())
    expect(outcome).toBe('window')
  })

  it('knows a wrong token', async () => {
    const simulator = await start()
    const { adapter } = whatsApp(simulator)
    const credentials = { ...simulator.credentials, accessToken: 'another' }
    const channel = channelOf(credentials as unknown as WhatsAppCredentials)
    expect((await adapter.send(text, message, channel, sendContext())).outcome).toBe('auth')
    expect(await adapter.validateCredentials?.(channel.credentials, sendContext())).toBe(false)
  })

  it('takes uploads, and serves what it was given', async () => {
    const simulator = await start()
    const { adapter, channel } = whatsApp(simulator)
    const data = Buffer.from('png').toString('base64')
    const part = { type: 'media', kind: 'image', data, mime: 'image/png' } as const
    const outcome = await adapter.send(part, { ...message, parts: [part] }, channel, sendContext())
    expect(outcome.outcome).toBe('sent')
    expect(simulator.sent[0]?.body).toMatchObject({
      type: 'image',
      image: { id: expect.stringMatching(/^\d+$/) },
    })
  })
})

describe('media of the simulator', () => {
  const data = Buffer.from('0123456789')

  async function picture(simulator: PlatformSimulator) {
    const event = { type: 'media', kind: 'image', data, mime: 'image/png' } as const
    const { body } = simulator.webhook(event, 'http://localhost')
    const { adapter, channel } = whatsApp(simulator)
    const ref = { providerId: /"image":{"id":"(\d+)"/.exec(body)?.[1] ?? '' }
    const address = await adapter.resolveMedia?.(ref, channel, sendContext())
    if (!address) throw new Error('WhatsApp resolves no media')
    return (headers: Record<string, string> = {}) =>
      fetch(address.url, { headers: { ...address.headers, ...headers } })
  }

  it('come whole, with length and a strong validator, or by range', async () => {
    const get = await picture(await start())
    const whole = await get()
    expect(whole.headers.get('content-length')).toBe('10')
    const etag = whole.headers.get('etag') ?? ''
    expect(etag).toMatch(/^"[0-9a-f]+"$/)
    const rest = await get({ range: 'bytes=4-', 'if-range': etag })
    expect([rest.status, await rest.text()]).toEqual([206, '456789'])
    expect(rest.headers.get('content-range')).toBe('bytes 4-9/10')
    expect(await (await get({ range: 'bytes=-3' })).text()).toBe('789')
    expect((await get({ range: 'bytes=4-', 'if-range': '"other"' })).status).toBe(200)
    expect((await get({ range: 'bytes=10-' })).status).toBe(416)
  })

  it('break off in the middle when asked', async () => {
    const simulator = await start()
    const get = await picture(simulator)
    simulator.failNextMedia({ kind: 'cut', afterBytes: 4 })
    await expect(get().then((response) => response.text())).rejects.toThrow()
    expect(await (await get()).text()).toBe('0123456789')
  })

  it('are refused to whoever has no token', async () => {
    const simulator = await start()
    await picture(simulator)
    const response = await fetch(`${simulator.apiUrl}/media-bytes/800000000001`)
    expect(response.status).toBe(401)
  })
})

describe('createPlatformSimulator', () => {
  it('refuses a platform that it does not know', async () => {
    const options = { platform: 'fax' } as unknown as PlatformSimulatorOptions
    await expect(createPlatformSimulator(options)).rejects.toThrow(/`platform` must be one of/)
  })

  it.each([
    ...[{ concurrency: 0 }, { maxAttempts: Number.NaN }, { batchSize: Number.NaN }],
    ...[{ duplicates: 2 }, { reorder: Number.POSITIVE_INFINITY }],
  ])('delivers nothing with %j, and says why', async (delivery) => {
    await using simulator = await createPlatformSimulator({ platform: 'line' })
    const options = { url: 'http://127.0.0.1:1/', ...delivery }
    const delivering = simulator.deliver([{ type: 'text', text: 'Hello' }], options)
    await expect(delivering).rejects.toThrow(`${Object.keys(delivery)[0]} must be`)
  })
})
