import { AuthError, PermanentError, RateLimitError, TransientError } from '@mortise/errors'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  createIntegrationService,
  defineIntegration,
  type Envelope,
  INTEGRATION_CHANNELS,
  type IntegrationServiceOptions,
  type MessageTransport,
  type OutboundMessage,
  type PlatformAdapter,
  type SendContext,
  type SendOutcome,
} from '../src/index.ts'
import { createMemoryMessageTransport } from '../src/memory/index.ts'
import { createWhatsAppPlatformAdapter } from '../src/whatsapp/index.ts'

// A busy machine is slow, not wrong.
vi.setConfig({ testTimeout: 60_000, expect: { poll: { timeout: 20_000 } } })

type Step = SendOutcome | ((context: SendContext) => Promise<SendOutcome>)

const sent = (messageId: string): SendOutcome => ({ outcome: 'sent', messageId })
const throttled = (retryAfterMs: number): SendOutcome => ({
  outcome: 'throttled',
  error: new RateLimitError('slow down', { retryAfterMs }),
})
const down: SendOutcome = { outcome: 'retryable', error: new TransientError('down') }
const lost: SendOutcome = {
  outcome: 'unknown',
  error: new TransientError('no answer', { outcome: 'unknown' }),
}
const hello: OutboundMessage = { to: { id: '49' }, parts: [{ type: 'text', text: 'Hello' }] }

/** A value that no JSON can be made of. */
function circle() {
  const round: Record<string, unknown> = {}
  round.round = round
  return round
}

let transport: MessageTransport
beforeEach(() => {
  transport = createMemoryMessageTransport()
})
afterEach(() => transport.close())

/** A service whose platform answers with the steps, one for each attempt. */
function serviceOf(
  steps: Step[],
  options: Partial<IntegrationServiceOptions> & { keys?: boolean } = {},
) {
  const contexts: SendContext[] = []
  const base = createWhatsAppPlatformAdapter()
  const adapter = {
    ...base,
    platform: 'test',
    displayName: 'Test',
    capabilities: { ...base.capabilities, idempotencyKeys: options.keys ?? false },
    requiredCredentials: [],
    send: async (_part: unknown, _message: unknown, _channel: unknown, context: SendContext) => {
      contexts.push(context)
      const step = steps[contexts.length - 1]
      if (!step) throw new Error('one attempt too many')
      return typeof step === 'function' ? step(context) : step
    },
  } as PlatformAdapter<never> as unknown as PlatformAdapter<Record<string, string>>
  const integration = defineIntegration({
    name: 'test',
    adapter,
    getChannelConfig: (_ctx, id) => (id === 'c' ? { tenantId: 'acme', credentials: {} } : null),
  })
  const service = createIntegrationService({
    integration,
    transport,
    random: () => 0.01,
    limits: false,
    ...options,
  })
  return {
    service,
    contexts,
    send: (message = hello) => service.sendMessage(message, { channelId: 'c' }),
  }
}

describe('outcomes', () => {
  it.each<[string, Step[], string, number]>([
    ['sent at once', [sent('1')], 'sent', 1],
    ['waits for a rate limit, then sends', [throttled(20), sent('1')], 'sent', 2],
    ['repeats what was surely not sent', [down, down, sent('1')], 'sent', 3],
    ['gives up after three tries', [down, down, down], 'retryable', 3],
    ['never repeats an unknown outcome', [lost], 'unknown', 1],
    [
      'stops at a permanent refusal',
      [{ outcome: 'permanent', error: new PermanentError('no') }],
      'permanent',
      1,
    ],
    ['stops at an auth refusal', [{ outcome: 'auth', error: new AuthError('who') }], 'auth', 1],
    [
      'stops at a closed window',
      [{ outcome: 'window', error: new PermanentError('late') }],
      'window',
      1,
    ],
    [
      'takes a native duplicate for a success',
      [{ outcome: 'duplicate', messageId: '1' }],
      'duplicate',
      1,
    ],
  ])('%s', async (_name, steps, outcome, attempts) => {
    const result = await serviceOf(steps).send()
    expect(result).toMatchObject({ outcome, attempts, eventStored: true })
    const isSuccess = outcome === 'sent' || outcome === 'duplicate'
    expect(result.success).toBe(isSuccess)
    const { MESSAGE_SENT, MESSAGE_FAILED } = INTEGRATION_CHANNELS
    const [event] = await published(1)
    expect(event?.channel).toBe(isSuccess ? MESSAGE_SENT : MESSAGE_FAILED)
    expect(event?.payload).toMatchObject(
      isSuccess
        ? { messageId: '1', correlationId: result.correlationId }
        : {
            outcome,
            retryCount: attempts - 1,
            correlationId: result.correlationId,
            message: hello,
          },
    )
  })

  it('repeats an unknown outcome when the platform has idempotency keys, with the same key', async () => {
    const { send, contexts } = serviceOf([lost, sent('1')], { keys: true })
    expect((await send()).outcome).toBe('sent')
    const [first, second] = contexts.map(({ idempotencyKey }) => idempotencyKey)
    expect(first).toBe(second)
  })

  it('never repeats an unknown answer through a response token, which no key covers', async () => {
    const answer = { ...hello, responseToken: 'token', idempotencyKey: 'once' }
    const { send, contexts } = serviceOf([lost], { keys: true })
    expect((await send(answer)).outcome).toBe('unknown')
    expect(await send(answer)).toMatchObject({ error: { code: 'MESSAGING_SEND_IN_DOUBT' } })
    expect(contexts).toHaveLength(1)
  })

  it('repeats an unknown outcome when asked to', async () => {
    const { service } = serviceOf([lost, sent('1')])
    const result = await service.sendMessage(hello, { channelId: 'c', retryUnknown: true })
    expect(result.outcome).toBe('sent')
  })

  it('turns an adapter that throws into an unknown outcome', async () => {
    const bug = async () => {
      throw new Error('bug')
    }
    const result = await serviceOf([bug]).send()
    expect(result).toMatchObject({ outcome: 'unknown', error: { code: 'BUG' } })
  })

  it('stops at the first part that fails and tells which parts were sent', async () => {
    const parts = ['a', 'b', 'c'].map((text) => ({ type: 'text', text }) as const)
    const refusal: SendOutcome = { outcome: 'permanent', error: new PermanentError('no') }
    const result = await serviceOf([sent('1'), refusal]).send({ ...hello, parts })
    expect(result).toMatchObject({ outcome: 'permanent', messageIds: ['1'] })
  })

  it('starts no try after the deadline', async () => {
    const { service } = serviceOf([throttled(5_000), sent('1')])
    const result = await service.sendMessage(hello, { channelId: 'c', deadlineMs: 100 })
    expect(result).toMatchObject({ outcome: 'throttled', attempts: 1 })
  })

  it('gives a silent platform up after timeoutMs', async () => {
    const silent = ({ signal }: SendContext) =>
      new Promise<SendOutcome>((resolve) => {
        signal.addEventListener('abort', () => resolve(lost))
      })
    const { service } = serviceOf([silent])
    const result = await service.sendMessage(hello, { channelId: 'c', timeoutMs: 30 })
    expect(result.outcome).toBe('unknown')
  })

  it('ends when the caller gives up, and says that nothing was sent', async () => {
    const { service, contexts } = serviceOf([sent('1')])
    const result = await service.sendMessage(hello, {
      channelId: 'c',
      signal: AbortSignal.abort(),
    })
    expect(contexts).toEqual([])
    expect(result).toMatchObject({
      outcome: 'retryable',
      error: { code: 'ABORTED', outcome: 'not_sent' },
    })
  })
})

describe('refusals before anything leaves', () => {
  it.each<[string, OutboundMessage, RegExp]>([
    ['too long', { ...hello, parts: [{ type: 'text', text: 'x'.repeat(4097) }] }, /4097.*4096/],
    [
      'too many buttons',
      {
        ...hello,
        parts: [
          {
            type: 'buttons',
            text: 'Pick',
            buttons: ['1', '2', '3', '4'].map((id) => ({ id, title: id })),
          },
        ],
      },
      /4 buttons.*use a list/,
    ],
  ])('%s', async (_name, message, problem) => {
    const { send, contexts } = serviceOf([])
    const result = await send(message)
    expect(contexts).toEqual([])
    expect(result).toMatchObject({ outcome: 'permanent', attempts: 0 })
    expect(result.error?.message).toMatch(problem)
    expect(await published(1)).toHaveLength(1)
  })

  it.each([
    [{}, /^message\.to/],
    [{ to: { id: '' }, parts: [] }, /^message\.to\.id/],
    [{ to: { id: '1' }, parts: [] }, /^message\.parts/],
    [{ to: { id: '1' }, parts: [{ type: 'smell' }] }, /^message\.parts\[0\]/],
    [{ ...hello, metadata: circle() }, /^message: must be plain JSON/],
    [
      { to: { id: '1' }, parts: [{ type: 'media', kind: 'image', url: 'a', data: 'b' }] },
      /exactly one of url, providerId and data/,
    ],
  ])('a wrong message is a TypeError that names the field: %j', async (message, problem) => {
    await expect(serviceOf([]).send(message as OutboundMessage)).rejects.toThrow(problem)
  })

  it('an unknown channel rejects with MESSAGING_CHANNEL_UNKNOWN', async () => {
    const { service } = serviceOf([])
    await expect(service.sendMessage(hello, { channelId: 'x' })).rejects.toMatchObject({
      code: 'MESSAGING_CHANNEL_UNKNOWN',
    })
  })
})

describe('idempotency keys', () => {
  const keyed = { ...hello, idempotencyKey: 'order 17' }

  it('sends once, answers the second call with the first id, and publishes one event', async () => {
    const { send, contexts } = serviceOf([sent('1')])
    const results = [await send(keyed), await send(keyed)]
    expect(results.map(({ outcome }) => outcome)).toEqual(['sent', 'duplicate'])
    expect(results.map(({ messageId }) => messageId)).toEqual(['1', '1'])
    expect(contexts).toHaveLength(1)
    expect(await published(1, { settleMs: 50 })).toHaveLength(1)
  })

  it('lets a refused message be sent again, skipping the parts that went through', async () => {
    const parts = ['a', 'b'].map((text) => ({ type: 'text', text }) as const)
    const refusal: SendOutcome = { outcome: 'auth', error: new AuthError('who') }
    const { send, contexts } = serviceOf([sent('1'), refusal, sent('2')])
    expect((await send({ ...keyed, parts })).outcome).toBe('auth')
    const second = await send({ ...keyed, parts })
    expect(second).toMatchObject({ outcome: 'sent', messageIds: ['1', '2'] })
    expect(contexts).toHaveLength(3)
  })

  it('answers a key whose first send nobody saw ending with an unknown outcome', async () => {
    const { send, contexts } = serviceOf([lost])
    expect((await send(keyed)).outcome).toBe('unknown')
    const second = await send(keyed)
    expect(second).toMatchObject({ outcome: 'unknown', error: { code: 'MESSAGING_SEND_IN_DOUBT' } })
    expect(contexts).toHaveLength(1)
  })

  it('repeats such a send where the platform itself tells repetitions apart', async () => {
    const { service } = serviceOf([lost, { outcome: 'duplicate', messageId: '1' }], { keys: true })
    const once = { channelId: 'c', maxAttempts: 1 }
    expect((await service.sendMessage(keyed, once)).outcome).toBe('unknown')
    expect(await service.sendMessage(keyed, once)).toMatchObject({ outcome: 'duplicate' })
  })
})

describe('limits', () => {
  it('spaces sends to one recipient and leaves others alone', async () => {
    const many = Array.from({ length: 4 }, (_, index) => sent(String(index)))
    const limits = { perRecipientPerSecond: 5, recipientBurst: 1 }
    const { send } = serviceOf(many, { limits })
    const started = performance.now()
    const times: Record<string, number> = {}
    const timed = async (name: string, id: string) => {
      await send({ ...hello, to: { id } })
      times[name] = performance.now() - started
    }
    await Promise.all([timed('a1', 'a'), timed('a2', 'a'), timed('a3', 'a'), timed('b1', 'b')])
    expect(times.b1).toBeLessThan(150)
    expect(times.a2).toBeGreaterThanOrEqual(195)
    expect(times.a3).toBeGreaterThanOrEqual(395)
  })

  it('holds the whole channel back when the platform says to wait', async () => {
    const { send } = serviceOf([throttled(300), sent('1'), sent('2')])
    const started = performance.now()
    const first = send({ ...hello, to: { id: 'a' } })
    await new Promise((resolve) => setTimeout(resolve, 20))
    await send({ ...hello, to: { id: 'b' } })
    expect(performance.now() - started).toBeGreaterThanOrEqual(295)
    await first
  })

  it('refuses what could not leave before the deadline', async () => {
    const limits = { perRecipientPerSecond: 0.1, recipientBurst: 1 }
    const { send, service } = serviceOf([sent('1')], { limits })
    await send()
    const result = await service.sendMessage(hello, { channelId: 'c', deadlineMs: 1_000 })
    expect(result).toMatchObject({
      outcome: 'throttled',
      error: { code: 'MESSAGING_LIMIT_REACHED', outcome: 'not_sent' },
    })
  })
})

async function published(count: number, options: { settleMs?: number } = {}): Promise<Envelope[]> {
  const found: Envelope[] = []
  await new Promise<void>((resolve) => {
    void transport.consume({ group: 'test' }, async ({ envelope }) => {
      found.push(envelope)
      if (found.length === count) resolve()
    })
  })
  await new Promise((resolve) => setTimeout(resolve, options.settleMs ?? 0))
  return found
}
