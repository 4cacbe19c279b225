import { describe, expect, it } from 'vitest'
import { createMessengerPlatformAdapter } from '../../src/messenger/index.ts'
import { normalizedBy, postOf, sendTo } from '../adapter-fixtures.ts'

const adapter = createMessengerPlatformAdapter()
const credentials = {
  pageId: '1067280970047460',
  accessToken: 'page-token',
  appSecret: 'secret',
  verifyToken: 'word',
}

const parties = { sender: { id: 'PSID' }, recipient: { id: 'PAGE' }, timestamp: 1458692752478 }
const delivery = (elements: object[], more: object = {}) => ({
  object: 'page',
  entry: [{ id: 'PAGE', time: 1458692752478, messaging: elements, ...more }],
})
const eventsOf = (element: object, object = 'page') =>
  normalizedBy(adapter, postOf({ ...delivery([{ ...parties, ...element }]), object }))

describe('messages', () => {
  it('have words, attachments and what they reply to', () => {
    const message = {
      mid: 'm_1',
      text: 'Look',
      reply_to: { mid: 'm_0' },
      attachments: [
        { type: 'image', payload: { url: 'https://cdn.example/a.jpg' } },
        {
          type: 'image',
          payload: { url: 'https://cdn.example/s.png', sticker_id: 369239263222822 },
        },
        { type: 'location', payload: { coordinates: { lat: 52.5, long: 13.4 } } },
        { type: 'template', payload: {} },
        { type: 'hologram', payload: {} },
      ],
    }
    expect(eventsOf({ message })).toMatchObject([
      {
        id: 'messenger:channel-1:m_1',
        platform: 'messenger',
        type: 'message.received',
        occurredAt: '2016-03-23T00:25:52.478Z',
        conversation: { id: 'PSID', kind: 'direct' },
        from: { ids: [{ kind: 'psid', value: 'PSID' }] },
        replyTo: { messageId: 'm_0' },
        parts: [
          { type: 'text', text: 'Look' },
          { type: 'media', kind: 'image', ref: { auth: 'none' } },
          { type: 'media', kind: 'sticker' },
          { type: 'location', latitude: 52.5, longitude: 13.4 },
          { type: 'card' },
          { type: 'unsupported', reason: 'attachment of type hologram' },
        ],
      },
    ])
  })

  it('picked from quick replies tell the payload', () => {
    const message = { mid: 'm_1', text: 'Red', quick_reply: { payload: 'red' } }
    expect(eventsOf({ message })).toMatchObject([
      { parts: [{ type: 'interactive.reply', source: 'quick_reply', id: 'red', title: 'Red' }] },
    ])
  })

  it('of our own side are echoes in the same conversation', () => {
    const echo = {
      sender: { id: 'PAGE' },
      recipient: { id: 'PSID' },
      message: { mid: 'm_1', text: 'Hi', is_echo: true, app_id: 1 },
    }
    expect(eventsOf(echo)).toMatchObject([
      { origin: 'echo', from: { isSelf: true }, conversation: { id: 'PSID' } },
    ])
  })

  it('are also told while another app is in charge', () => {
    const standby = [{ ...parties, message: { mid: 'm_2', text: 'Hi' } }]
    const request = postOf(
      delivery([{ ...parties, message: { mid: 'm_1', text: 'a' } }], { standby }),
    )
    expect(normalizedBy(adapter, request)).toMatchObject([
      { messageId: 'm_1', origin: 'user' },
      { messageId: 'm_2', origin: 'standby' },
    ])
  })

  it('of Instagram carry its name, answer stories, and can be unsent', () => {
    const message = {
      mid: 'm_1',
      text: 'Nice',
      reply_to: { story: { id: 'S1', url: 'https://x.y' } },
    }
    expect(eventsOf({ message }, 'instagram')).toMatchObject([
      {
        id: 'instagram:channel-1:m_1',
        platform: 'instagram',
        from: { ids: [{ kind: 'igsid' }] },
        replyTo: { storyId: 'S1' },
      },
    ])
    expect(eventsOf({ message: { mid: 'm_1', is_deleted: true } }, 'instagram')).toMatchObject([
      { type: 'message.deleted', messageId: 'm_1' },
    ])
  })

  it('that are edited again are edited twice', () => {
    const edit = (num_edit: number) =>
      eventsOf({ message_edit: { mid: 'm_1', text: 'b', num_edit } })
    expect(edit(1)).toMatchObject([{ type: 'message.edited', messageId: 'm_1' }])
    expect(edit(1)[0]?.id).not.toBe(edit(2)[0]?.id)
  })
})

describe('other elements', () => {
  it('tell delivery for each message and as a watermark, reading as either', () => {
    const told = { delivery: { mids: ['m_1', 'm_2'], watermark: 1458668856253 } }
    expect(eventsOf(told)).toMatchObject([
      { type: 'message.status', status: 'delivered', messageId: 'm_1' },
      { type: 'message.status', status: 'delivered', messageId: 'm_2' },
      { type: 'message.status', status: 'delivered', upTo: '2016-03-22T17:47:36.253Z' },
    ])
    expect(eventsOf({ read: { watermark: 1458668856253 } })).toMatchObject([
      { status: 'read', upTo: '2016-03-22T17:47:36.253Z', recipient: { primary: 'PSID' } },
    ])
    expect(eventsOf({ read: { mid: 'm_1' } }, 'instagram')).toMatchObject([
      { status: 'read', messageId: 'm_1' },
    ])
  })

  it('tell postbacks by payload, reactions and their removal', () => {
    const postback = { mid: 'm_1', title: 'Get started', payload: 'START' }
    expect(eventsOf({ postback })).toMatchObject([
      { type: 'action.invoked', kind: 'component', name: 'START', messageId: 'm_1' },
    ])
    const reacted = { reaction: 'love', emoji: '❤', action: 'react', mid: 'm_1' }
    expect(eventsOf({ reaction: reacted })).toMatchObject([{ added: ['❤'], removed: [] }])
    expect(eventsOf({ reaction: { action: 'unreact', mid: 'm_1' } })).toMatchObject([
      { added: [], removed: ['*'] },
    ])
  })

  it('tell hand-overs and opt-ins as lifecycle, and changes by their field', () => {
    expect(eventsOf({ pass_thread_control: { new_owner_app_id: 1 } })).toMatchObject([
      { type: 'lifecycle', name: 'pass_thread_control' },
    ])
    const changes = [{ field: 'comments', value: { id: '1' } }, { value: 1 }]
    const body = { object: 'instagram', entry: [{ id: 'PAGE', time: 1458692752, changes }] }
    expect(normalizedBy(adapter, postOf(body))).toMatchObject([
      { type: 'lifecycle', name: 'comments', occurredAt: '2016-03-23T00:25:52.000Z' },
      { type: 'unknown', reason: 'a change without field' },
    ])
  })

  it('of several pages are told apart by the hint', () => {
    const page = (id: string) => ({
      id,
      messaging: [{ ...parties, message: { mid: id, text: id } }],
    })
    const request = postOf({ object: 'page', entry: [page('A'), page('B'), page('A')] })
    expect(adapter.route(request)).toEqual(['A', 'B'])
    const channel = { id: 'c', tenantId: 't', credentials }
    const events = adapter.normalize(request, {
      channel,
      hint: 'B',
      receivedAt: '2026-01-01T00:00:00.000Z',
    })
    expect(events.map((event) => event.id)).toEqual(['messenger:c:B'])
  })
})

describe('nothing is lost', () => {
  it('when an entry names no page, has a number for an id, or holds no list', () => {
    const text = (mid: string) => ({ ...parties, message: { mid, text: mid } })
    const entry = [
      { id: 'A', messaging: [text('m_1')] },
      { messaging: [text('m_2')] },
      { id: 7, messaging: text('m_3') },
      'strange',
      { id: 'A' },
    ]
    const events = normalizedBy(adapter, postOf({ object: 'page', entry }))
    expect(
      events.map((event) => (event.type === 'message.received' ? event.messageId : event.type)),
    ).toEqual(['m_1', 'm_2', 'unknown', 'unknown', 'm_3'])
  })
})

describe('sending', () => {
  const sent = { status: 200, body: { recipient_id: 'PSID', message_id: 'm_9' } }
  const text = { type: 'text', text: 'Hi' } as const

  it('answers, quotes, and gives our id to be handed back', async () => {
    const message = { to: { id: 'PSID' }, replyToMessageId: 'm_1' }
    const { outcome, calls } = await sendTo(adapter, {
      credentials,
      part: text,
      message,
      answer: sent,
    })
    expect(outcome).toMatchObject({ outcome: 'sent', messageId: 'm_9' })
    expect(calls[0]).toMatchObject({
      url: 'https://graph.facebook.com/v25.0/1067280970047460/messages',
      body: {
        recipient: { id: 'PSID' },
        messaging_type: 'RESPONSE',
        reply_to: { mid: 'm_1' },
        message: { text: 'Hi', metadata: 'correlation-1' },
      },
    })
    expect(calls[0]?.url).not.toContain('page-token')
  })

  const buttons = (count: number) => ({
    type: 'buttons' as const,
    text: 'Pick',
    buttons: Array.from({ length: count }, (_, index) => ({ id: `${index}`, title: `B${index}` })),
  })

  it('shows three buttons as a template, more as quick replies, and refuses too many', async () => {
    const template = await sendTo(adapter, { credentials, part: buttons(3), answer: sent })
    expect(template.calls[0]?.body).toMatchObject({
      message: { attachment: { payload: { template_type: 'button', text: 'Pick' } } },
    })
    const replies = await sendTo(adapter, { credentials, part: buttons(4), answer: sent })
    expect(replies.calls[0]?.body).toMatchObject({
      message: { quick_replies: [{ content_type: 'text', title: 'B0', payload: '0' }, {}, {}, {}] },
    })
    const many = await sendTo(adapter, { credentials, part: buttons(14) })
    expect(many.outcome.outcome).toBe('permanent')
    expect(many.calls).toEqual([])
  })

  it('refuses a caption instead of losing it', async () => {
    const part = { type: 'media', kind: 'image', url: 'https://x.y/a.png', caption: 'C' } as const
    const { outcome } = await sendTo(adapter, { credentials, part })
    expect(outcome).toMatchObject({
      outcome: 'permanent',
      error: { code: 'MESSAGING_PART_UNSUPPORTED' },
    })
  })

  it.each([
    ['throttled', 613, undefined],
    ['throttled', 4, undefined],
    ['retryable', 1200, undefined],
    ['auth', 190, 463],
    ['auth', 10, undefined],
    ['auth', 200, undefined],
    ['window', 10, 2018278],
    ['window', 10, 2534022],
    ['permanent', 551, 1545041],
    ['permanent', 200, 1545041],
    ['permanent', 100, 2018001],
  ])('is %s at code %i/%s', async (expected, code, error_subcode) => {
    const error = {
      message: 'no',
      type: 'OAuthException',
      code,
      error_subcode,
      fbtrace_id: 'trace',
    }
    const answer = { status: 400, body: { error } }
    const { outcome } = await sendTo(adapter, { credentials, part: text, answer })
    expect(outcome).toMatchObject({ outcome: expected, error: { requestId: 'trace' } })
    if (expected === 'window') {
      expect(outcome).toMatchObject({ error: { code: 'MESSAGING_WINDOW_CLOSED' } })
    }
  })
})
