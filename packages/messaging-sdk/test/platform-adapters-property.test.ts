import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRawRequest, type RawRequest } from '../src/raw-request.ts'
import {
  createPlatformSimulator,
  type PlatformSimulator,
  type SimulatedPlatformName,
} from '../src/testing/index.ts'
import { channelOf, normalizedBy, postOf } from './adapter-fixtures.ts'
import { everyAdapter } from './every-adapter.ts'

const URL_OF_WEBHOOK = 'https://example.com/webhooks/channel-1'
const platforms = Object.keys(everyAdapter) as SimulatedPlatformName[]

/** Words that mean something on one platform or another, so that random bodies get past the first door. */
const WORDS = [
  ...['entry', 'changes', 'messaging', 'standby', 'value', 'field', 'messages', 'statuses'],
  ...['message', 'event', 'events', 'type', 'text', 'body', 'id', 'mid', 'ts', 'user', 'channel'],
  ...['update_id', 'message_id', 'from', 'chat', 'date', 'photo', 'entities', 'callback_query'],
  ...['data', 'options', 'name', 'custom_id', 'components', 'actions', 'action_id', 'source'],
  ...['sender', 'recipient', 'timestamp', 'attachments', 'payload', 'reaction', 'read', 'delivery'],
  ...['constructor', 'toString', '__proto__'],
  ...['webhookEventId', 'userId', 'replyToken', 'postback', 'contacts', 'from_user_id', 'status'],
]
const VALUES = [
  ...['message', 'text', 'image', 'event_callback', 'block_actions', 'reaction', 'system', 'read'],
  ...[
    'app_mention',
    'message_changed',
    'reaction_added',
    'postback',
    'follow',
    'delivered',
    '1',
    '',
  ],
]

/** The same cases in every run: whoever looks for more gives another seed. */
const runs = (numRuns: number) => ({ numRuns, seed: 20_261_122 })

const leaf = fc.oneof(
  fc.constantFrom<unknown>(...VALUES),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.double(),
  fc.integer({ min: -3, max: 6 }),
  fc.boolean(),
  fc.constant(null),
)
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 7, depthSize: 'medium', withCrossShrink: true },
    leaf,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...WORDS), tie('tree'), { maxKeys: 7 }),
  ),
}))

describe.each(platforms)('the adapter of %s', (platform) => {
  const adapter = everyAdapter[platform]({ baseUrl: 'http://localhost' })
  let simulator: PlatformSimulator
  beforeAll(async () => {
    simulator = await createPlatformSimulator({ platform, webhookUrl: URL_OF_WEBHOOK })
  })
  afterAll(() => simulator.close())

  function check(request: RawRequest): void {
    const hints = adapter.route(request)
    expect(hints.every((hint) => typeof hint === 'string' && hint !== '')).toBe(true)
    const channel = channelOf(simulator.credentials)
    if (adapter.handshake?.(request, channel)) return
    const events = normalizedBy(adapter, request)
    expect(events.length).toBeGreaterThan(0)
    const ids = events.map(({ id }) => id)
    expect(normalizedBy(adapter, request).map(({ id }) => id)).toEqual(ids)
    expect(JSON.parse(JSON.stringify(events))).toEqual(events)
    for (const event of events) {
      expect(['direct', 'group', 'channel', 'unknown']).toContain(event.conversation.kind)
      const parts = 'parts' in event ? event.parts : []
      for (const part of parts) expect(typeof part.type).toBe('string')
    }
    adapter.respond?.(events, request, channel)
  }

  it('makes events of any JSON, the same ones each time', () => {
    fc.assert(
      fc.property(tree, (body) => check(postOf(JSON.stringify(body ?? null)))),
      runs(400),
    )
  })

  it('makes events of any form', () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const names = fc.constantFrom(
      'payload',
      'command',
      'MessageSid',
      'MessageStatus',
      'NumMedia',
      'From',
      'x',
    )
    const values = fc.oneof(
      fc.string(),
      tree.map((value) => JSON.stringify(value ?? null)),
    )
    if (platform !== 'slack' && platform !== 'twilio') return
    fc.assert(
      fc.property(fc.array(fc.tuple(names, values), { maxLength: 6 }), (fields) =>
        check(postOf(new URLSearchParams(fields).toString(), { headers })),
      ),
      runs(300),
    )
  })

  it('loses no element of a batch, whatever stands beside it', () => {
    if (simulator.account.maxBatch < 2) return
    const body = fc.dictionary(fc.constantFrom(...WORDS), tree, { maxKeys: 6 })
    fc.assert(
      fc.property(body, (strange) => {
        const ordinary = { type: 'text', text: 'still here' } as const
        const batch = [{ type: 'native', body: strange } as const, ordinary, ordinary]
        const { body: text } = simulator.webhook(batch)
        const events = normalizedBy(adapter, postOf(text))
        const found = JSON.stringify(events).split('"text":"still here"').length - 1
        expect(found).toBeGreaterThanOrEqual(2)
        expect(events.length).toBeGreaterThanOrEqual(3)
      }),
      runs(200),
    )
  })

  it('never takes a body, proof or address that was tampered with', async () => {
    const event = simulator.account.maxBatch > 1 || platform !== 'discord' ? 'text' : 'command'
    const webhook = simulator.webhook(
      event === 'text' ? { type: 'text', text: 'Hello' } : { type: 'command', name: 'help' },
    )
    const body = Buffer.from(webhook.body)
    const unsigned = simulator.account.compose([
      event === 'text' ? { type: 'text', text: 'Hello' } : { type: 'command', name: 'help' },
    ])
    const proofs = Object.keys(webhook.headers).filter((name) => !(name in unsigned.headers))
    const channel = channelOf(simulator.credentials)
    const isAccepted = async (changes: { body?: Uint8Array; headers?: Record<string, string> }) =>
      (
        await adapter.verify(createRawRequest({ ...webhook, body, ...changes }), channel, {
          now: Date.now,
        })
      ).ok
    expect(await isAccepted({})).toBe(true)
    const flips = fc.record({ at: fc.nat(body.length - 1), bit: fc.integer({ min: 0, max: 7 }) })
    if (simulator.account.signsBody !== false) {
      await fc.assert(
        fc.asyncProperty(flips, async ({ at, bit }) => {
          const changed = Buffer.from(body)
          changed[at] = (changed[at] ?? 0) ^ (1 << bit)
          if (isSameForm(webhook.headers, body, changed)) return
          expect(await isAccepted({ body: changed })).toBe(false)
        }),
        runs(150),
      )
    }
    const essential = proofs.filter((name) => name !== 'user-agent')
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...essential), fc.string(), async (name, value) => {
        if (value === webhook.headers[name]) return
        expect(await isAccepted({ headers: { ...webhook.headers, [name]: value } })).toBe(false)
      }),
      runs(150),
    )
  })
})

/** Twilio signs fields, not bytes: `%c3` and `%C3` are the same letter. */
function isSameForm(headers: Record<string, string>, before: Buffer, after: Buffer): boolean {
  if (!headers['content-type']?.includes('form')) return false
  if (headers['x-twilio-signature'] === undefined) return false
  const fieldsOf = (bytes: Buffer) => {
    const form = new URLSearchParams(bytes.toString())
    form.sort()
    return form.toString()
  }
  return fieldsOf(before) === fieldsOf(after)
}
