import type {
  AppMentionEvent,
  GenericMessageEvent,
  KnownBlock,
  ReactionAddedEvent,
} from '@slack/types'
import { describe, expect, it } from 'vitest'
import { createSlackPlatformAdapter } from '../../src/slack/index.ts'
import { channelOf, normalizedBy, postOf, sendTo } from '../adapter-fixtures.ts'

const adapter = createSlackPlatformAdapter()
const credentials = { botToken: 'xoxb-1', signingSecret: '8f742231b10e8888abcd99yyyzzz85a5' }
const channel = channelOf(credentials)
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

/** The example of Slack's own documentation, "Verifying requests from Slack". */
const published = {
  body: 'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
  time: '1531420618',
  signature: 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
}
const signed = postOf(published.body, {
  headers: {
    ...FORM,
    'x-slack-request-timestamp': published.time,
    'x-slack-signature': published.signature,
  },
})

const callback = (event: object, more: object = {}) =>
  postOf({
    type: 'event_callback',
    team_id: 'T1',
    api_app_id: 'A1',
    event_id: 'Ev1',
    event_time: 1531420618,
    authorizations: [{ team_id: 'T1', user_id: 'UBOT', is_bot: true }],
    event,
    ...more,
  })
const eventsOf = (event: object, more?: object) => normalizedBy(adapter, callback(event, more))
const interaction = (payload: object) =>
  postOf(new URLSearchParams({ payload: JSON.stringify(payload) }).toString(), { headers: FORM })

describe('the published example', () => {
  it('is verified within five minutes of its time, on both sides', async () => {
    const at = (seconds: number) => ({ now: () => (Number(published.time) + seconds) * 1000 })
    expect(await adapter.verify(signed, channel, at(0))).toEqual({ ok: true })
    expect(await adapter.verify(signed, channel, at(299))).toEqual({ ok: true })
    expect(await adapter.verify(signed, channel, at(301))).toMatchObject({ ok: false })
    expect(await adapter.verify(signed, channel, at(-301))).toMatchObject({ ok: false })
  })

  it('is a slash command of a workspace', () => {
    expect(adapter.route(signed)).toEqual(['T1DC2JH3J'])
    expect(normalizedBy(adapter, signed)).toMatchObject([
      {
        type: 'action.invoked',
        kind: 'command',
        name: 'webhook-collect',
        values: { text: '' },
        from: { primary: 'U2CERLKJA', username: 'roadrunner' },
        conversation: { id: 'G8PSS9T3V' },
        responseToken:
          'https://hooks.slack.com/commands/T1DC2JH3J/397700885554/96rGlfmibIGlgcZRskXaIFfN',
        respondBy: '2026-01-01T00:30:00.000Z',
      },
    ])
  })
})

describe('handshakes', () => {
  it('echo the challenge, and answer the certificate check', () => {
    const challenge = postOf({ type: 'url_verification', challenge: '3eZbrw1a', token: 'x' })
    expect(adapter.handshake?.(challenge, channel)).toMatchObject({ status: 200, body: '3eZbrw1a' })
    const check = postOf('ssl_check=1&token=x', { headers: FORM })
    expect(adapter.handshake?.(check, channel)).toEqual({ status: 200 })
  })
})

describe('messages', () => {
  const message: GenericMessageEvent = {
    type: 'message',
    subtype: undefined,
    event_ts: '1355517523.000005',
    channel: 'C2147483705',
    user: 'U2147483697',
    text: 'Hello <@U123|bob>, see <https://example.com/?a=1&amp;b=2|this>',
    ts: '1355517523.000005',
    channel_type: 'channel',
  }

  it('keep the markup, with its entities by place', () => {
    const [event] = eventsOf(message)
    expect(event).toMatchObject({
      type: 'message.received',
      messageId: '1355517523.000005',
      occurredAt: '2012-12-14T20:38:43.000Z',
      conversation: { id: 'C2147483705', kind: 'channel' },
      from: { ids: [{ kind: 'user', value: 'U2147483697' }] },
      origin: 'user',
      parts: [
        {
          type: 'text',
          format: 'mrkdwn',
          entities: [
            { type: 'mention', offset: 6, length: 11, userId: 'U123' },
            { type: 'url', offset: 23, length: 39, url: 'https://example.com/?a=1&b=2' },
          ],
        },
      ],
    })
  })

  it('are the same whether they come as a message or as a mention', () => {
    const { user = '', text = '', ts, channel: place, event_ts } = message
    const type = 'app_mention'
    const mention: AppMentionEvent = { type, user, text, ts, channel: place, event_ts }
    const [first] = eventsOf(message)
    const [second] = eventsOf(mention, { event_id: 'Ev2' })
    expect(second?.id).toBe(first?.id)
  })

  it('of our own app are echoes', () => {
    const own = { ...message, user: 'UBOT', bot_id: 'B1' }
    expect(eventsOf(own)).toMatchObject([{ origin: 'echo', from: { isSelf: true, isBot: true } }])
    expect(eventsOf({ ...message, app_id: 'A1' })).toMatchObject([{ origin: 'echo' }])
  })

  it('in a thread say so, and reply to its beginning', () => {
    expect(eventsOf({ ...message, thread_ts: '1355517000.000001' })).toMatchObject([
      {
        conversation: { threadId: '1355517000.000001' },
        replyTo: { messageId: '1355517000.000001' },
      },
    ])
  })

  it('that are edited, unfurled and deleted are told apart', () => {
    const before = { type: 'message', user: 'U1', text: 'Helo', ts: '1.1' }
    const edited = { ...before, text: 'Hello', edited: { user: 'U1', ts: '1355517523.000000' } }
    const change = { type: 'message', subtype: 'message_changed', channel: 'C1', ts: '2.1' }
    expect(eventsOf({ ...change, message: edited, previous_message: before })).toMatchObject([
      { type: 'message.edited', messageId: '1.1', editedAt: '2012-12-14T20:38:43.000Z' },
    ])
    const unfurled = { ...before, attachments: [{ title: 'A page' }] }
    expect(eventsOf({ ...change, message: unfurled, previous_message: before })).toMatchObject([
      { type: 'lifecycle', name: 'message_unfurled' },
    ])
    const gone = {
      type: 'message',
      subtype: 'message_deleted',
      channel: 'C1',
      deleted_ts: '1.1',
      ts: '3.1',
    }
    expect(eventsOf(gone)).toMatchObject([{ type: 'message.deleted', messageId: '1.1' }])
    const tombstone = { ...before, subtype: 'tombstone' }
    expect(eventsOf({ ...change, message: tombstone })).toMatchObject([{ type: 'message.deleted' }])
  })

  it('carry files that need the token', () => {
    const file = {
      id: 'F1',
      name: 'a.png',
      mimetype: 'image/png',
      size: 3,
      url_private_download: 'https://files.slack.com/files-pri/T1-F1/download/a.png',
    }
    expect(eventsOf({ ...message, subtype: 'file_share', files: [file] })).toMatchObject([
      {
        parts: [
          { type: 'text' },
          { type: 'media', kind: 'image', ref: { auth: 'channel' }, size: 3 },
        ],
      },
    ])
  })
})

describe('other events', () => {
  it('tell reactions by emoji where the name is a common one', () => {
    const reaction: ReactionAddedEvent = {
      type: 'reaction_added',
      user: 'U1',
      reaction: '+1::skin-tone-2',
      item_user: 'U2',
      item: { type: 'message', channel: 'C1', ts: '1.1' },
      event_ts: '2.1',
    }
    expect(eventsOf(reaction)).toMatchObject([{ added: ['👍'], conversation: { id: 'C1' } }])
    expect(eventsOf({ ...reaction, reaction: 'our_logo' })).toMatchObject([{ added: ['our_logo'] }])
  })

  it('tell that Slack held events back', () => {
    const limited = { type: 'app_rate_limited', team_id: 'T1', minute_rate_limited: 1518467820 }
    expect(normalizedBy(adapter, postOf(limited))).toMatchObject([
      { type: 'lifecycle', name: 'app_rate_limited', occurredAt: '2018-02-12T20:37:00.000Z' },
    ])
  })

  it('say when and why they come again', () => {
    const headers = { 'x-slack-retry-num': '2', 'x-slack-retry-reason': 'http_timeout' }
    const body = { type: 'event_callback', event_id: 'Ev1', event: { type: 'user_huddle_changed' } }
    const [event] = normalizedBy(adapter, postOf(body, { headers }))
    expect(event).toMatchObject({ type: 'unknown', id: 'slack:channel-1:event:Ev1' })
    const known = { ...body, event: { type: 'team_join', user: { id: 'U1' } } }
    expect(normalizedBy(adapter, postOf(known, { headers }))).toMatchObject([
      { type: 'lifecycle', redelivery: { attempt: 3, reason: 'http_timeout' } },
    ])
  })
})

describe('interactions', () => {
  const user = { id: 'U1', username: 'bob' }
  const place = {
    user,
    channel: { id: 'C1' },
    trigger_id: '1.2.3',
    response_url: 'https://hooks.slack.com/a',
  }

  it('of several actions are several events; a menu tells what was picked', () => {
    const actions = [
      { type: 'button', action_id: 'yes', value: 'yes', action_ts: '1355517523.000005' },
      { type: 'static_select', action_id: 'list', selected_option: { value: 'row-2' } },
    ]
    const events = normalizedBy(
      adapter,
      interaction({ type: 'block_actions', ...place, actions, message: { ts: '1.1' } }),
    )
    expect(events).toMatchObject([
      {
        kind: 'component',
        name: 'yes',
        messageId: '1.1',
        responseToken: 'https://hooks.slack.com/a',
      },
      { kind: 'component', name: 'row-2' },
    ])
    expect(events[0]?.id).not.toBe(events[1]?.id)
  })

  it('are forms, shortcuts and menus that ask for options', () => {
    const view = { callback_id: 'ticket', state: { values: { b: { a: { value: 'x' } } } } }
    expect(
      normalizedBy(adapter, interaction({ type: 'view_submission', user, trigger_id: '1', view })),
    ).toMatchObject([
      {
        kind: 'modal',
        name: 'ticket',
        values: { b: {} },
        conversation: { id: 'U1', kind: 'direct' },
      },
    ])
    expect(
      normalizedBy(
        adapter,
        interaction({
          type: 'message_action',
          ...place,
          callback_id: 'save',
          message: { ts: '1.1' },
        }),
      ),
    ).toMatchObject([{ kind: 'shortcut', name: 'save', messageId: '1.1' }])
    const asks = interaction({
      type: 'block_suggestion',
      ...place,
      action_id: 'city',
      value: 'Ber',
    })
    const events = normalizedBy(adapter, asks)
    expect(events).toMatchObject([{ kind: 'autocomplete', name: 'city', values: { value: 'Ber' } }])
    expect(adapter.respond?.(events, asks, channel)?.body).toBe('{"options":[]}')
  })
})

describe('sending', () => {
  const ok = { status: 200, body: { ok: true, ts: '1503435956.000247', channel: 'C1' } }

  it('means plain words plainly, and leaves Markdown to Slack', async () => {
    const plain = await sendTo(adapter, {
      credentials,
      part: { type: 'text', text: '*a* <!channel> & b' },
      answer: ok,
    })
    expect(plain.outcome).toMatchObject({ outcome: 'sent', messageId: '1503435956.000247' })
    expect(plain.calls[0]?.body).toEqual({
      channel: 'recipient-1',
      text: '*a* &lt;!channel&gt; &amp; b',
      mrkdwn: false,
    })
    expect(plain.calls[0]?.headers.get('authorization')).toBe('Bearer xoxb-1')
    const part = { type: 'text', text: '**a**', format: 'markdown' } as const
    const marked = await sendTo(adapter, { credentials, part, answer: ok })
    expect(marked.calls[0]?.body).toEqual({ channel: 'recipient-1', markdown_text: '**a**' })
  })

  it('makes blocks that Slack knows', async () => {
    const { calls } = await sendTo(adapter, {
      credentials,
      part: {
        type: 'list',
        text: 'Which?',
        button: 'Choose',
        sections: [{ rows: [{ id: 'a', title: 'A', description: 'First' }] }],
      },
      answer: ok,
    })
    const blocks: KnownBlock[] = [
      { type: 'section', text: { type: 'plain_text', text: 'Which?' } },
      {
        type: 'actions',
        elements: [
          {
            type: 'static_select',
            action_id: 'list',
            placeholder: { type: 'plain_text', text: 'Choose' },
            options: [
              {
                text: { type: 'plain_text', text: 'A' },
                value: 'a',
                description: { type: 'plain_text', text: 'First' },
              },
            ],
          },
        ],
      },
    ]
    expect(calls[0]?.body).toMatchObject({ text: 'Which?', blocks })
  })

  it('answers an interaction at its response URL, without the token, and nowhere else', async () => {
    const part = { type: 'text', text: 'Done' } as const
    const answered = await sendTo(adapter, {
      credentials,
      part,
      message: { responseToken: 'https://hooks.slack.com/commands/1/2/3' },
      answer: { status: 200, body: { ok: true } },
    })
    expect(answered.outcome.outcome).toBe('sent')
    expect(answered.calls[0]?.url).toBe('https://hooks.slack.com/commands/1/2/3')
    expect(answered.calls[0]?.headers.get('authorization')).toBeNull()
    const elsewhere = await sendTo(adapter, {
      credentials,
      part,
      message: { responseToken: 'http://169.254.169.254/latest' },
    })
    expect(elsewhere.outcome.outcome).toBe('permanent')
    expect(elsewhere.calls).toEqual([])
  })

  it('gives reactions by name, and knows that one is there already', async () => {
    const part = { type: 'reaction', messageId: '1.1', emoji: '👍' } as const
    const answer = { status: 200, body: { ok: false, error: 'already_reacted' } }
    const { outcome, calls } = await sendTo(adapter, { credentials, part, answer })
    expect(outcome.outcome).toBe('duplicate')
    expect(calls[0]?.body).toEqual({ channel: 'recipient-1', timestamp: '1.1', name: 'thumbsup' })
    const rare = await sendTo(adapter, { credentials, part: { ...part, emoji: '🦦' } })
    expect(rare.outcome.outcome).toBe('permanent')
  })

  it.each([
    ['throttled', 'ratelimited'],
    ['retryable', 'service_unavailable'],
    ['unknown', 'internal_error'],
    ['auth', 'token_revoked'],
    ['auth', 'missing_scope'],
    ['permanent', 'channel_not_found'],
    ['permanent', 'is_archived'],
    ['permanent', 'an_error_of_tomorrow'],
  ])('is %s at %s', async (expected, error) => {
    const part = { type: 'text', text: 'Hi' } as const
    const answer = { status: 200, body: { ok: false, error } }
    const { outcome } = await sendTo(adapter, { credentials, part, answer })
    expect(outcome.outcome).toBe(expected)
    expect('error' in outcome && outcome.error.message).toContain(error)
  })

  it('reads Retry-After in seconds', async () => {
    const answer = {
      status: 429,
      headers: { 'retry-after': '30' },
      body: { ok: false, error: 'ratelimited' },
    }
    const { outcome } = await sendTo(adapter, {
      credentials,
      part: { type: 'text', text: 'Hi' },
      answer,
    })
    expect(outcome).toMatchObject({ outcome: 'throttled', error: { retryAfterMs: 30_000 } })
  })
})

describe('media', () => {
  it('are never asked for elsewhere with the token', async () => {
    const fetch = async () => new Response('{}')
    const context = { fetch, signal: AbortSignal.timeout(1000) }
    for (const url of [
      'https://evil.example/files',
      'http://files.slack.com/a',
      'https://notslack.com/',
    ]) {
      await expect(adapter.resolveMedia?.({ url }, channel, context)).rejects.toMatchObject({
        code: 'MESSAGING_MEDIA_UNAVAILABLE',
      })
    }
    const url = 'https://files.slack.com/files-pri/T1-F1/a.png'
    expect(await adapter.resolveMedia?.({ url }, channel, context)).toEqual({
      url,
      headers: { authorization: 'Bearer xoxb-1' },
    })
  })
})
