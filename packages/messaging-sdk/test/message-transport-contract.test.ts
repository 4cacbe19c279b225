import { randomUUID } from 'node:crypto'
import { RateLimitError, TransientError } from '@mortise/errors'
import { describe, expect, it, vi } from 'vitest'
import type { Envelope, MessageTransport } from '../src/index.ts'
import { createMemoryMessageTransport } from '../src/memory/index.ts'
import { messageTransportContract } from '../src/testing/index.ts'

// A busy machine is slow, not wrong.
vi.setConfig({ testTimeout: 60_000, expect: { poll: { timeout: 20_000 } } })

type Break = (transport: MessageTransport) => Partial<MessageTransport>

const rewrite =
  (change: (envelope: Envelope) => Envelope): Break =>
  ({ publish }) => ({ publish: (envelopes) => publish(envelopes.map(change)) })

/** Transports that are wrong in one way, with a check that must notice. */
const broken: [name: string, change: Break, check: RegExp][] = [
  [
    'forgets ids',
    rewrite((envelope) => ({ ...envelope, id: randomUUID() })),
    /^the same id is stored once/,
  ],
  [
    'takes ids for the same that are not',
    rewrite((envelope) => ({ ...envelope, id: envelope.id.toLowerCase() })),
    /^ids differ by every character/,
  ],
  [
    'loses order',
    rewrite((envelope) => ({ ...envelope, orderKey: randomUUID() })),
    /^a group that comes late/,
  ],
  [
    'lets a conversation go on past a failure',
    rewrite((envelope) => ({ ...envelope, orderKey: randomUUID() })),
    /^a failed delivery is tried again/,
  ],
  [
    'makes everybody wait for one failure',
    rewrite((envelope) => ({ ...envelope, orderKey: 'all' })),
    /^a failed delivery is tried again/,
  ],
  [
    'changes what it stores',
    rewrite((envelope) => ({ ...envelope, payload: { id: '1' } })),
    /^what is stored comes back/,
  ],
  [
    'drops what it said it stored',
    ({ publish }) => ({
      publish: async (envelopes) => {
        await publish(envelopes.slice(1))
        return envelopes.map(() => ({ status: 'stored' }))
      },
    }),
    /^what is published later arrives/,
  ],
  [
    'begins at the beginning whatever is asked',
    ({ consume }) => ({
      consume: ({ from, ...options }, handler) => consume(options, handler),
    }),
    /^a group that begins now/,
  ],
  [
    'takes every failure for a success',
    ({ consume }) => ({
      consume: (options, handler) =>
        consume(options, (delivery) => handler(delivery).catch(() => {})),
    }),
    /^a transient failure is tried/,
  ],
  [
    'counts waiting as an attempt',
    ({ consume }) => ({
      consume: (options, handler) =>
        consume(options, (delivery) =>
          handler(delivery).catch((error: Error) => {
            throw error instanceof RateLimitError ? new TransientError(error.message) : error
          }),
        ),
    }),
    /^waiting for a rate limit uses up no attempt/,
  ],
  [
    'tries permanent failures again',
    ({ consume }) => ({
      consume: (options, handler) =>
        consume(options, (delivery) =>
          handler(delivery).catch((error: Error) => {
            throw new Error(error.message)
          }),
        ),
    }),
    /^permanent and auth failures/,
  ],
  [
    'does not wait for a rate limit',
    ({ consume }) => ({
      consume: (options, handler) =>
        consume(options, (delivery) =>
          handler(delivery).catch((error: Error) => {
            throw new Error(error.message)
          }),
        ),
    }),
    /^a rate limit waits/,
  ],
  [
    'takes every channel',
    ({ consume }) => ({
      consume: ({ channels: _channels, ...options }, handler) => consume(options, handler),
    }),
    /^a group takes only the channels/,
  ],
  [
    'takes two lists of channels for one group',
    ({ consume }) => ({
      consume: async (options, handler) => {
        const { channels } = options
        return consume({ ...options, ...(channels && { channels: ['any'] }) }, handler)
      },
    }),
    /^two lists of channels/,
  ],
  [
    'takes more than it may',
    ({ consume }) => ({
      consume: (options, handler) => consume({ ...options, maxInFlight: 20 }, handler),
    }),
    /^different conversations are handled/,
  ],
  [
    'lets everybody have everything',
    ({ consume }) => ({
      consume: (options, handler) => consume({ ...options, group: randomUUID() }, handler),
    }),
    /^every group gets everything/,
  ],
  [
    'keeps dead letters that must not be kept',
    ({ consume }) => ({
      consume: ({ deadLettering: _off, ...options }, handler) => consume(options, handler),
    }),
    /^without dead lettering/,
  ],
  [
    'says that it redrove',
    ({ deadLetters }) => ({
      deadLetters: { ...deadLetters, redrive: deadLetters.discard },
    }),
    /^dead letters are listed/,
  ],
  [
    'lets everybody claim',
    ({ claims }) => ({ claims: { ...claims, claim: async () => ({ state: 'claimed' }) } }),
    /^a key is claimed once/,
  ],
  ['cannot count', () => ({ lag: async () => [] }), /^lag counts what is pending/],
  [
    'forgets the dead letters of a removed group',
    ({ removeGroup, deadLetters }) => ({
      removeGroup: async (group) => {
        for (const { id } of await deadLetters.list({ group })) await deadLetters.discard(id)
        return removeGroup(group)
      },
    }),
    /^dead letters of a removed group/,
  ],
  [
    'rejects instead of answering',
    ({ publish }) => ({
      publish: async (envelopes) => {
        const outcomes = await publish(envelopes)
        if (outcomes.some(({ status }) => status === 'failed')) throw new Error('failed')
        return outcomes
      },
    }),
    /^publishing after close/,
  ],
  [
    'does not wait for handlers when it closes',
    ({ consume }) => ({
      consume: async (options, handler) => {
        const subscription = await consume(options, handler)
        return { ...subscription, close: async () => void subscription.close() }
      },
    }),
    /^close waits for the handler/,
  ],
  [
    'keeps a removed group',
    () => ({ removeGroup: async () => true }),
    /^a removed group is forgotten/,
  ],
]

describe('the contract notices a transport that', () => {
  it.concurrent.each(broken)('%s', async (_name, change, pattern) => {
    const checks = messageTransportContract({
      create: () => {
        const transport = createMemoryMessageTransport()
        return { ...transport, ...change(transport) }
      },
      patienceMs: 600,
    })
    const found = checks.filter(({ name }) => pattern.test(name))
    expect(found).toHaveLength(1)
    await expect(found[0]?.run()).rejects.toThrow()
  })
})
