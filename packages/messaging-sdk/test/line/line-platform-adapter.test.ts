import type { messagingApi, webhook } from '@line/bot-sdk'
import { describe, expect, it } from 'vitest'
import { createLinePlatformAdapter } from '../../src/line/index.ts'
import { channelOf, normalizedBy, postOf, sendTo } from '../adapter-fixtures.ts'

const adapter = createLinePlatformAdapter()
const credentials = { channelAccessToken: 'access-token', channelSecret: 'channel_secret' }
const channel = channelOf(credentials)

const common = {
  mode: 'active',
  timestamp: 1462629479859,
  source: { type: 'user', userId: 'U4af4980629' },
  webhookEventId: '01FZ74A0TDDPYRVKNK77XKC3ZR',
  deliveryContext: { isRedelivery: false },
} as const
const request = (...events: unknown[]) =>
  postOf({ destination: 'Ubot', events } satisfies Record<keyof webhook.CallbackRequest, unknown>)
const eventsOf = (...events: Partial<webhook.Event>[]) => normalizedBy(adapter, request(...events))

describe('the published signature', () => {
  /** line/line-bot-sdk-python, `tests/test_signature.py`. */
  const signature = '/gg9a+LvFevTH1sd7XCQycD7tsWclCsInj7MhBHxN7k='
  const isAccepted = async (body: string, proof: string) => {
    const signed = postOf(body, { headers: { 'x-line-signature': proof } })
    return (await adapter.verify(signed, channel, { now: Date.now })).ok
  }

  it('is accepted, and nothing near it', async () => {
    expect(await isAccepted('bodybodybodybody', signature)).toBe(true)
    expect(await isAccepted('bodybodybodybodY', signature)).toBe(false)
    expect(await isAccepted('bodybodybodybody', signature.replace('/gg9', '/gh9'))).toBe(false)
    expect(await isAccepted('bodybodybodybody', `${signature}=`)).toBe(false)
  })
})

describe('webhooks', () => {
  it('of the Verify button have no events', () => {
    expect(adapter.handshake?.(request(), channel)).toEqual({ status: 200 })
    expect(adapter.route(request())).toEqual(['Ubot'])
  })

  it('bring words with mentions, and what is quoted', () => {
    const message = {
      id: '444573844083572737',
      type: 'text',
      quoteToken: 'q3Plxr4AgKd',
      quotedMessageId: '444573844083572700',
      text: '@Bob hi',
      mention: { mentionees: [{ type: 'user', index: 0, length: 4, userId: 'U2' }] },
    } satisfies Partial<webhook.TextMessageContent>
    expect(eventsOf({ ...common, type: 'message', replyToken: 'r', message })).toMatchObject([
      {
        id: 'line:channel-1:01FZ74A0TDDPYRVKNK77XKC3ZR',
        type: 'message.received',
        messageId: '444573844083572737',
        occurredAt: '2016-05-07T13:57:59.859Z',
        conversation: { id: 'U4af4980629', kind: 'direct' },
        parts: [
          { type: 'text', entities: [{ type: 'mention', offset: 0, length: 4, userId: 'U2' }] },
        ],
        replyTo: { messageId: '444573844083572700' },
        responseToken: 'r',
        raw: { replyToken: 'r' },
      },
    ])
  })

  it('bring media by id or by address, places and stickers', () => {
    const message = (content: object) =>
      eventsOf({
        ...common,
        type: 'message',
        message: { id: '1', ...content } as webhook.MessageContent,
      })
    expect(
      message({ type: 'video', duration: 60_000, contentProvider: { type: 'line' } }),
    ).toMatchObject([
      { parts: [{ kind: 'video', ref: { providerId: '1', auth: 'channel' }, durationMs: 60_000 }] },
    ])
    const external = { type: 'external', originalContentUrl: 'https://x.y/a.png' }
    expect(message({ type: 'image', contentProvider: external })).toMatchObject([
      { parts: [{ kind: 'image', ref: { url: 'https://x.y/a.png', auth: 'none' } }] },
    ])
    expect(
      message({ type: 'location', title: 'T', address: 'A', latitude: 1, longitude: 2 }),
    ).toMatchObject([{ parts: [{ type: 'location', name: 'T', address: 'A' }] }])
    expect(message({ type: 'sticker', packageId: '1', stickerId: '2' })).toMatchObject([
      { parts: [{ type: 'unsupported', reason: 'sticker' }] },
    ])
  })

  it('of groups are from whoever LINE names, or from the group', () => {
    const message = { id: '1', type: 'text', text: 'hi', quoteToken: 'q' } as const
    const source = { type: 'group', groupId: 'G1' } as const
    expect(eventsOf({ ...common, source, type: 'message', message })).toMatchObject([
      { conversation: { id: 'G1', kind: 'group' }, from: { ids: [{ kind: 'chat', value: 'G1' }] } },
    ])
  })

  it('tell postbacks, unsent messages, follows, standby and redelivery', () => {
    const redelivered = { ...common, deliveryContext: { isRedelivery: true } }
    const postback = { data: 'yes', params: { date: '2026-01-01' } }
    expect(eventsOf({ ...redelivered, type: 'postback', replyToken: 'r', postback })).toMatchObject(
      [
        {
          kind: 'component',
          name: 'yes',
          values: { date: '2026-01-01' },
          responseToken: 'r',
          redelivery: { reason: 'redelivery' },
        },
      ],
    )
    expect(eventsOf({ ...common, type: 'unsend', unsend: { messageId: '325708' } })).toMatchObject([
      { type: 'message.deleted', messageId: '325708', by: { primary: 'U4af4980629' } },
    ])
    expect(eventsOf({ ...common, type: 'follow', replyToken: 'r' })).toMatchObject([
      { type: 'lifecycle', name: 'follow' },
    ])
    const message = { id: '1', type: 'text', text: 'hi', quoteToken: 'q' } as const
    expect(eventsOf({ ...common, mode: 'standby', type: 'message', message })).toMatchObject([
      { origin: 'standby' },
    ])
    expect(normalizedBy(adapter, request({ ...common, type: 'teleported' }, 7))).toMatchObject([
      { type: 'unknown', id: 'line:channel-1:01FZ74A0TDDPYRVKNK77XKC3ZR' },
      { type: 'unknown', raw: 7 },
    ])
  })
})

describe('sending', () => {
  const text = { type: 'text', text: 'Hi' } as const
  const sent = { status: 200, body: { sentMessages: [{ id: '461230966842064897' }] } }

  it('pushes with a retry key that is a UUID and the same for the same key', async () => {
    const keys = []
    for (let time = 0; time < 2; time++) {
      const { outcome, calls } = await sendTo(adapter, { credentials, part: text, answer: sent })
      expect(outcome).toMatchObject({ outcome: 'sent', messageId: '461230966842064897' })
      expect(calls[0]?.url).toBe('https://api.line.me/v2/bot/message/push')
      expect(calls[0]?.body).toEqual({
        to: 'recipient-1',
        messages: [{ type: 'text', text: 'Hi' }],
      } satisfies messagingApi.PushMessageRequest)
      keys.push(calls[0]?.headers.get('x-line-retry-key'))
    }
    expect(keys[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(keys[1]).toBe(keys[0])
  })

  it('replies with a reply token, which takes no retry key', async () => {
    const message = { responseToken: 'reply-token' }
    const { calls } = await sendTo(adapter, { credentials, part: text, message, answer: sent })
    expect(calls[0]?.url).toBe('https://api.line.me/v2/bot/message/reply')
    expect(calls[0]?.body).toEqual({
      replyToken: 'reply-token',
      messages: [{ type: 'text', text: 'Hi' }],
    })
    expect(calls[0]?.headers.has('x-line-retry-key')).toBe(false)
  })

  it('shows four buttons as a template, more or longer ones as quick replies', async () => {
    const buttons = (count: number, words = 'Pick') => ({
      type: 'buttons' as const,
      text: words,
      buttons: Array.from({ length: count }, (_, index) => ({
        id: `${index}`,
        title: `B${index}`,
      })),
    })
    const bodyOf = async (part: ReturnType<typeof buttons>) =>
      (await sendTo(adapter, { credentials, part, answer: sent })).calls[0]?.body
    expect(await bodyOf(buttons(4))).toMatchObject({
      messages: [{ type: 'template', altText: 'Pick' }],
    })
    expect(await bodyOf(buttons(5))).toMatchObject({ messages: [{ type: 'text', quickReply: {} }] })
    expect(await bodyOf(buttons(2, 'x'.repeat(161)))).toMatchObject({
      messages: [{ type: 'text' }],
    })
    const many = await sendTo(adapter, { credentials, part: buttons(14) })
    expect(many.outcome.outcome).toBe('permanent')
  })

  it.each([
    [
      'duplicate',
      409,
      { message: 'The retry key is already accepted', sentMessages: [{ id: '7' }] },
    ],
    ['throttled', 429, { message: 'The API rate limit has been exceeded. Try again later.' }],
    ['permanent', 429, { message: 'You have reached your monthly limit.' }],
    [
      'permanent',
      400,
      {
        message: 'The request body has 1 error(s)',
        details: [{ message: 'Size must be between 1 and 5' }],
      },
    ],
    ['auth', 401, { message: 'Authentication failed' }],
    ['auth', 403, { message: 'Not authorized to use this API' }],
    ['unknown', 500, { message: 'Internal server error' }],
  ])('is %s at %i', async (expected, status, body) => {
    const { outcome } = await sendTo(adapter, { credentials, part: text, answer: { status, body } })
    expect(outcome.outcome).toBe(expected)
    if (expected === 'duplicate') expect(outcome).toMatchObject({ messageId: '7' })
    if ('details' in body)
      expect('error' in outcome && outcome.error.message).toContain('Size must')
  })
})

describe('media', () => {
  it('of LINE are at its own host with the token, of others without', async () => {
    const context = { fetch: globalThis.fetch, signal: AbortSignal.timeout(1000) }
    expect(await adapter.resolveMedia?.({ providerId: '12/3' }, channel, context)).toEqual({
      url: 'https://api-data.line.me/v2/bot/message/12%2F3/content',
      headers: { authorization: 'Bearer access-token' },
    })
    expect(await adapter.resolveMedia?.({ url: 'https://x.y/a' }, channel, context)).toEqual({
      url: 'https://x.y/a',
    })
  })
})
