import { AuthError, PermanentError, TransientError } from '@mortise/errors'
import { describe, expect, it } from 'vitest'
import type { InboundEvent } from '../src/inbound-event.ts'
import { createLinePlatformAdapter } from '../src/line/index.ts'
import type { MessagePart } from '../src/message-part.ts'
import type { PlatformAdapter } from '../src/platform-adapter.ts'
import type { SendOutcome } from '../src/send-outcome.ts'
import { createSlackPlatformAdapter } from '../src/slack/index.ts'
import { platformAdapterContract, type SimulatedPlatformName } from '../src/testing/index.ts'
import { createWhatsAppPlatformAdapter } from '../src/whatsapp/index.ts'

/** An adapter with any credentials: these tests only break what they are given. */
type AnyAdapter = PlatformAdapter<Record<string, string>>
type Create = (options: { baseUrl: string }) => AnyAdapter

const creators = {
  line: createLinePlatformAdapter as unknown as Create,
  slack: createSlackPlatformAdapter as unknown as Create,
  whatsapp: createWhatsAppPlatformAdapter as unknown as Create,
} satisfies Partial<Record<SimulatedPlatformName, Create>>

interface Broken {
  what: string
  base?: keyof typeof creators
  breaks: (adapter: AnyAdapter) => Partial<AnyAdapter>
  /** Beginnings of the names of the checks that must fail. */
  fails: string[]
}

/** What each event of a delivery becomes instead. */
const events =
  (change: (event: InboundEvent) => InboundEvent[]): Broken['breaks'] =>
  (adapter) => ({
    normalize: (request, context) => adapter.normalize(request, context).flatMap(change),
  })

/** What each outcome becomes instead. */
const outcomes =
  (change: (outcome: SendOutcome) => SendOutcome): Broken['breaks'] =>
  (adapter) => ({ send: async (...send) => change(await adapter.send(...send)) })

const parts = (change: (part: MessagePart) => MessagePart): Broken['breaks'] =>
  events((event) => ('parts' in event ? [{ ...event, parts: event.parts.map(change) }] : [event]))

const permanent = new PermanentError('no')

const broken: Broken[] = [
  {
    what: 'accepts every request',
    breaks: () => ({ verify: () => ({ ok: true }) }),
    fails: [
      'a webhook of the platform is accepted',
      'without a secret',
      'a missing, shortened',
      'one changed byte',
    ],
  },
  {
    what: 'refuses every request',
    breaks: () => ({ verify: () => ({ ok: false, reason: 'no' }) }),
    fails: ['a webhook of the platform is accepted'],
  },
  {
    what: 'throws at a missing signature',
    breaks: (adapter) => ({
      verify: (request, ...rest) => {
        if (!request.headers['x-hub-signature-256']) throw new Error('no signature')
        return adapter.verify(request, ...rest)
      },
    }),
    fails: ['a missing, shortened'],
  },
  {
    what: 'skips verification without a secret',
    breaks: (adapter) => ({
      verify: (request, channel, options) =>
        channel.credentials.appSecret
          ? adapter.verify(request, channel, options)
          : { ok: true as const },
    }),
    fails: ['without a secret'],
  },
  {
    what: 'refuses old deliveries although no time is signed',
    breaks: (adapter) => ({
      verify: (request, channel, { now }) =>
        Math.abs(now() - Date.now()) > 300_000
          ? { ok: false, reason: 'old' }
          : adapter.verify(request, channel, { now }),
    }),
    fails: ['a signed time'],
  },
  {
    what: 'never looks at the signed time',
    base: 'slack',
    breaks: (adapter) => ({
      verify: (request, channel) => {
        const signedAt = Number(request.headers['x-slack-request-timestamp']) * 1000
        return adapter.verify(request, channel, { now: () => signedAt })
      },
    }),
    fails: ['a signed time'],
  },
  {
    what: 'answers every challenge',
    breaks: () => ({ handshake: () => ({ status: 200, body: 'welcome' }) }),
    fails: ['the challenge of the platform'],
  },
  {
    what: 'routes by parsing carelessly',
    breaks: () => ({ route: (request) => [String(request.json())] }),
    fails: ['route never throws'],
  },
  {
    what: 'takes the first element of a batch only',
    breaks: (adapter) => ({ normalize: (...given) => adapter.normalize(...given).slice(0, 1) }),
    fails: ['a batch keeps'],
  },
  {
    what: 'throws at what it does not know',
    breaks: events((event) => {
      if (event.type === 'unknown') throw new Error('unknown shape')
      return [event]
    }),
    fails: ['no value anywhere', 'a batch keeps'],
  },
  {
    what: 'drops what it does not know',
    breaks: events((event) => (event.type === 'unknown' ? [] : [event])),
    fails: ['no value anywhere', 'a batch keeps'],
  },
  {
    what: 'gives every delivery new ids',
    breaks: events((event) => [{ ...event, id: `${event.id}:${Math.random()}` }]),
    fails: ['the same webhook twice'],
  },
  {
    what: 'gives two messages one id',
    breaks: events((event) => [{ ...event, id: `${event.platform}:${event.channelId}:same` }]),
    fails: ['the same webhook twice'],
  },
  {
    what: 'reads bytes as Latin letters',
    breaks: parts((part) =>
      part.type === 'text' ? { ...part, text: Buffer.from(part.text).toString('latin1') } : part,
    ),
    fails: ['words arrive'],
  },
  {
    what: 'tells the title of a button instead of its id',
    breaks: parts((part) =>
      part.type === 'interactive.reply' ? { ...part, id: part.title ?? '' } : part,
    ),
    fails: ['a picked button'],
  },
  {
    what: 'leads media to somewhere else',
    breaks: (adapter) => ({
      resolveMedia: async (...given) => {
        const address = await adapter.resolveMedia?.(...given)
        return { ...address, url: `${address?.url}-other` }
      },
    }),
    fails: ['a medium leads'],
  },
  {
    what: 'forgets what the platform said',
    breaks: events((event) => [{ ...event, raw: null }]),
    fails: ['a shape that nobody knows'],
  },
  {
    what: 'gives dates instead of text',
    breaks: events((event) => [{ ...event, occurredAt: new Date() as unknown as string }]),
    fails: ['everything that happens'],
  },
  {
    what: 'names only some of the events that it makes',
    breaks: ({ capabilities }) => ({ capabilities: { ...capabilities, receive: ['unknown'] } }),
    fails: ['everything that happens'],
  },
  {
    what: 'says sent and sends nothing',
    breaks: () => ({ send: async () => ({ outcome: 'sent', messageId: '1' }) }),
    fails: ['a text reaches', 'each part', 'a reply names', 'an abort ends', 'wrong credentials'],
  },
  {
    what: 'promises more than it can send',
    base: 'line',
    breaks: ({ capabilities }) => ({
      capabilities: { ...capabilities, send: [...capabilities.send, 'template'] },
    }),
    fails: ['each part'],
  },
  {
    what: 'sends what its matrix does not name',
    breaks: ({ capabilities }) => ({ capabilities: { ...capabilities, send: ['text'] } }),
    fails: ['each part'],
  },
  {
    what: 'forgets which message a reply is for',
    breaks: (adapter) => ({
      send: (part, { replyToMessageId, ...message }, ...rest) => {
        expect([undefined, '4711']).toContain(replyToMessageId)
        return adapter.send(part, message, ...rest)
      },
    }),
    fails: ['a reply names'],
  },
  {
    what: 'forgets the pause that it is told',
    breaks: outcomes((outcome) =>
      outcome.outcome === 'throttled' ? { ...outcome, error: permanent } : outcome,
    ),
    fails: ['too fast'],
  },
  {
    what: 'calls an unknown end a refusal',
    breaks: outcomes((outcome) =>
      outcome.outcome === 'unknown' ? { outcome: 'permanent', error: permanent } : outcome,
    ),
    fails: ['an answer that never comes', 'an abort ends'],
  },
  {
    what: 'rejects when it is aborted',
    breaks: (adapter) => ({
      send: async (part, message, channel, context) => {
        const outcome = await adapter.send(part, message, channel, context)
        context.signal.throwIfAborted()
        return outcome
      },
    }),
    fails: ['an abort ends'],
  },
  {
    what: 'cannot tell a refused connection from a broken one',
    breaks: outcomes((outcome) =>
      outcome.outcome === 'retryable'
        ? { outcome: 'unknown', error: new TransientError('who knows') }
        : outcome,
    ),
    fails: ['nobody listening'],
  },
  {
    what: 'shows the token in its errors',
    breaks: (adapter) => ({
      send: async (part, message, channel, context) => {
        const outcome = await adapter.send(part, message, channel, context)
        if (outcome.outcome !== 'auth') return outcome
        const error = new AuthError(`not accepted: ${channel.credentials.accessToken}`)
        return { ...outcome, error }
      },
    }),
    fails: ['wrong credentials'],
  },
  {
    what: 'sends with a new key each time',
    base: 'line',
    breaks: (adapter) => ({
      send: (part, message, channel, context) => {
        const idempotencyKey = String(Math.random())
        return adapter.send(part, message, channel, { ...context, idempotencyKey })
      },
    }),
    fails: ['a second send'],
  },
  {
    what: 'is always healthy',
    breaks: () => ({ checkHealth: async () => ({ status: 'healthy' }) }),
    fails: ['health and credentials'],
  },
]

function checksOf({ base = 'whatsapp', breaks }: Pick<Broken, 'base' | 'breaks'>) {
  return platformAdapterContract<Record<string, string>>({
    platform: base,
    create: (options) => {
      const adapter = creators[base](options)
      return { ...adapter, ...breaks(adapter) }
    },
  })
}

describe('the contract fails an adapter that', () => {
  it.each(broken)('$what', async (adapter) => {
    const checks = checksOf(adapter)
    for (const beginning of adapter.fails) {
      const check = checks.find(({ name }) => name.startsWith(beginning))
      if (!check) throw new Error(`no check begins with "${beginning}"`)
      await expect(check.run(), check.name).rejects.toThrow()
    }
  })

  it('breaks any one of its checks: every check has an adapter that fails it', () => {
    const beginnings = broken.flatMap(({ fails }) => fails)
    const never = checksOf({ breaks: () => ({}) })
      .map(({ name }) => name)
      .filter((name) => !beginnings.some((beginning) => name.startsWith(beginning)))
    expect(never).toEqual([])
  })
})
