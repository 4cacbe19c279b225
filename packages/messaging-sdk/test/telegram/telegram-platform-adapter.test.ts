import type { ApiMethods, Chat, Update, User } from '@grammyjs/types'
import { describe, expect, it } from 'vitest'
import { createTelegramPlatformAdapter } from '../../src/telegram/index.ts'
import { channelOf, normalizedBy, postOf, sendContext, sendTo } from '../adapter-fixtures.ts'

const adapter = createTelegramPlatformAdapter()
const credentials = {
  botToken: '110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw',
  secretToken: 'word',
}

const from: User = {
  id: 1111111,
  is_bot: false,
  first_name: 'Test',
  last_name: 'Lastname',
  username: 'Test',
}
const chat: Chat.PrivateChat = { id: 1111111, type: 'private', first_name: 'Test' }
const group: Chat.SupergroupChat = { id: -1001234567890, type: 'supergroup', title: 'Group' }

/** The types ask for `reply_to_message: undefined` in quotes, which JSON cannot say. */
type Sent = Omit<Update, 'message'> & { message?: object }

const normalize = (update: Sent) => normalizedBy(adapter, postOf(update))

describe('a message', () => {
  it('keeps its words, entities, sender, quote and deep link', () => {
    const [event] = normalize({
      update_id: 10000,
      message: {
        date: 1441645532,
        chat,
        message_id: 1365,
        from,
        text: '/start abc-1',
        entities: [{ type: 'bot_command', offset: 0, length: 6 }],
        reply_to_message: {
          date: 1441645000,
          chat,
          message_id: 1334,
          from,
          text: 'Original',
        },
      },
    })
    expect(event).toMatchObject({
      id: 'telegram:channel-1:update:10000',
      type: 'message.received',
      messageId: '1365',
      occurredAt: '2015-09-07T17:05:32.000Z',
      conversation: { id: '1111111', kind: 'direct' },
      from: {
        ids: [{ kind: 'user', value: '1111111' }],
        name: 'Test Lastname',
        username: 'Test',
      },
      parts: [{ type: 'text', entities: [{ type: 'command', offset: 0, length: 6 }] }],
      replyTo: { messageId: '1334', quoted: [{ type: 'text', text: 'Original' }] },
      referral: { start: 'abc-1' },
    })
  })

  it('in a topic has a thread, and does not reply to the opening of the topic', () => {
    const [event] = normalize({
      update_id: 1,
      message: {
        date: 1,
        chat: { ...group, is_forum: true },
        message_id: 2,
        from,
        text: 'Hi',
        is_topic_message: true,
        message_thread_id: 77,
        reply_to_message: {
          date: 1,
          chat: group,
          message_id: 77,
          from,
          forum_topic_created: { name: 'Topic', icon_color: 7322096 },
        },
      },
    })
    expect(event).toMatchObject({ conversation: { kind: 'group', threadId: '77' } })
    expect(event).not.toHaveProperty('replyTo')
  })

  it('to a business account is a conversation of its own', () => {
    const [event] = normalize({
      update_id: 1,
      business_message: {
        date: 1,
        chat,
        message_id: 2,
        from,
        text: 'Hi',
        business_connection_id: 'conn1',
      },
    })
    expect(event?.conversation.id).toBe('conn1:1111111')
  })

  it('with a picture names the largest size', () => {
    const size = (file_id: string, width: number) => ({
      file_id,
      file_unique_id: file_id,
      width,
      height: width,
      file_size: width,
    })
    const [event] = normalize({
      update_id: 1,
      message: {
        date: 1,
        chat,
        message_id: 2,
        from,
        caption: 'Look',
        photo: [size('small', 90), size('large', 1280)],
      },
    })
    expect(event).toMatchObject({
      parts: [
        {
          kind: 'image',
          ref: { providerId: 'large', auth: 'channel' },
          caption: 'Look',
          width: 1280,
        },
      ],
    })
  })

  it('with a venue is a place with a name', () => {
    const location = { latitude: 52.5, longitude: 13.4 }
    const venue = { location, title: 'Tor', address: 'Platz 1' }
    const message = { date: 1, chat, message_id: 2, from, location, venue }
    const [event] = normalize({ update_id: 1, message })
    expect(event).toMatchObject({
      parts: [{ type: 'location', ...location, name: 'Tor', address: 'Platz 1' }],
    })
  })

  it('of an anonymous channel is from the chat', () => {
    const channel: Chat.ChannelChat = { id: -100, type: 'channel', title: 'News' }
    const post = { date: 1, chat: channel, sender_chat: channel, message_id: 2, text: 'Hi' }
    const [event] = normalize({ update_id: 1, channel_post: post })
    expect(event).toMatchObject({
      from: { ids: [{ kind: 'chat', value: '-100' }], name: 'News' },
      conversation: { kind: 'channel' },
    })
  })
})

describe('other updates', () => {
  it('tell edits, and each deleted message of a business account', () => {
    const message = { date: 1, edit_date: 2, chat, message_id: 2, from, text: 'New' }
    expect(normalize({ update_id: 1, edited_message: message })).toMatchObject([
      { type: 'message.edited', messageId: '2', editedAt: '1970-01-01T00:00:02.000Z' },
    ])
    const deleted = { business_connection_id: 'c', chat, message_ids: [5, 6] }
    expect(normalize({ update_id: 2, deleted_business_messages: deleted })).toMatchObject([
      { type: 'message.deleted', messageId: '5', id: 'telegram:channel-1:update:2:5' },
      { type: 'message.deleted', messageId: '6', id: 'telegram:channel-1:update:2:6' },
    ])
  })

  it('tell the difference of reactions', () => {
    const reaction = {
      chat,
      message_id: 9,
      user: from,
      date: 1,
      old_reaction: [{ type: 'emoji', emoji: '👍' } as const],
      new_reaction: [
        { type: 'emoji', emoji: '👍' } as const,
        { type: 'emoji', emoji: '🔥' } as const,
        { type: 'custom_emoji', custom_emoji_id: '777' } as const,
      ],
    }
    expect(normalize({ update_id: 1, message_reaction: reaction })).toMatchObject([
      { type: 'reaction.changed', messageId: '9', added: ['🔥', '777'], removed: [] },
    ])
  })

  it('tell a pressed button, which the webhook itself answers', () => {
    const message = { date: 1, chat, message_id: 9, from, text: 'Sure?' }
    const query = { id: '4382', from, message, chat_instance: '1', data: 'yes' }
    const request = postOf({ update_id: 1, callback_query: query })
    const events = normalizedBy(adapter, request)
    expect(events).toMatchObject([
      {
        type: 'action.invoked',
        kind: 'component',
        name: 'yes',
        messageId: '9',
        conversation: { id: '1111111' },
        responseToken: '4382',
      },
    ])
    const answer = adapter.respond?.(events, request, channelOf(credentials))
    expect(JSON.parse(answer?.body ?? '')).toEqual({
      method: 'answerCallbackQuery',
      callback_query_id: '4382',
    })
    const quiet = createTelegramPlatformAdapter({ answerCallbackQueries: false })
    expect(quiet.respond?.(events, request, channelOf(credentials))).toBeUndefined()
  })

  it('tell that a group became a supergroup, and who joined or left', () => {
    const base = {
      date: 1,
      chat: { id: -5, type: 'group', title: 'G' } as const,
      message_id: 1,
      from,
    }
    expect(
      normalize({ update_id: 1, message: { ...base, migrate_to_chat_id: -1005 } }),
    ).toMatchObject([
      { type: 'identity.changed', from: { primary: '-5' }, to: { primary: '-1005' } },
    ])
    const guest: User = { id: 7, is_bot: false, first_name: 'Guest' }
    expect(
      normalize({ update_id: 2, message: { ...base, new_chat_members: [guest] } }),
    ).toMatchObject([{ type: 'lifecycle', name: 'new_chat_members', actor: { primary: '7' } }])
    const change = {
      chat,
      from,
      date: 1,
      old_chat_member: { user: guest, status: 'member' } as const,
      new_chat_member: { user: guest, status: 'kicked', until_date: 0 } as const,
    }
    expect(normalize({ update_id: 3, my_chat_member: change })).toMatchObject([
      { type: 'lifecycle', name: 'chat_member_kicked' },
    ])
  })

  it('of a kind that nobody taught us are kept', () => {
    expect(normalizedBy(adapter, postOf({ update_id: 1, brand_new: { a: 1 } }))).toMatchObject([
      { type: 'unknown', id: 'telegram:channel-1:update:1', reason: 'an update of brand_new' },
    ])
  })
})

describe('sending', () => {
  type Fields<Method extends keyof ApiMethods<never>> = Parameters<ApiMethods<never>[Method]>[0]
  const sent = { status: 200, body: { ok: true, result: { message_id: 42 } } }

  it('writes plain text as it is, and Markdown as HTML', async () => {
    const plain = await sendTo(adapter, {
      credentials,
      part: { type: 'text', text: '<b>*a*</b>' },
      answer: sent,
    })
    expect(plain.outcome).toMatchObject({ outcome: 'sent', messageId: '42' })
    expect(plain.calls[0]?.body).toEqual({
      chat_id: 'recipient-1',
      text: '<b>*a*</b>',
    } satisfies Fields<'sendMessage'>)
    const marked = await sendTo(adapter, {
      credentials,
      part: { type: 'text', text: '**a** < b', format: 'markdown' },
      answer: sent,
    })
    expect(marked.calls[0]?.body).toEqual({
      chat_id: 'recipient-1',
      text: '<b>a</b> &lt; b',
      parse_mode: 'HTML',
    } satisfies Fields<'sendMessage'>)
  })

  it('speaks for a business account, in a topic, as a reply', async () => {
    const { calls } = await sendTo(adapter, {
      credentials,
      part: { type: 'text', text: 'Hi' },
      message: { to: { id: 'conn1:1111111', threadId: '77' }, replyToMessageId: '9' },
      answer: sent,
    })
    expect(calls[0]?.body).toEqual({
      business_connection_id: 'conn1',
      chat_id: '1111111',
      message_thread_id: 77,
      reply_parameters: { message_id: 9, allow_sending_without_reply: true },
      text: 'Hi',
    } satisfies Fields<'sendMessage'>)
  })

  it('uploads bytes as a form', async () => {
    const data = Buffer.from('pdf').toString('base64')
    const { calls } = await sendTo(adapter, {
      credentials,
      part: {
        type: 'media',
        kind: 'document',
        data,
        mime: 'application/pdf',
        filename: 'a.pdf',
        caption: 'C',
      },
      answer: sent,
    })
    const form = calls[0]?.body as FormData
    const file = form.get('document') as File
    expect([form.get('chat_id'), form.get('caption'), file.name, await file.text()]).toEqual([
      'recipient-1',
      'C',
      'a.pdf',
      'pdf',
    ])
  })

  it('refuses a button id that Telegram cannot carry', async () => {
    const { outcome, calls } = await sendTo(adapter, {
      credentials,
      part: { type: 'buttons', text: 'Sure?', buttons: [{ id: 'ü'.repeat(33), title: 'Yes' }] },
    })
    expect(outcome).toMatchObject({ outcome: 'permanent', error: { code: 'INPUT_INVALID' } })
    expect(calls).toEqual([])
  })

  it('asks nobody with a token that is none', async () => {
    const wrong = { ...credentials, botToken: 'not a token/../../x' }
    const part = { type: 'text', text: 'Hi' } as const
    const { outcome, calls } = await sendTo(adapter, { credentials: wrong, part })
    expect(outcome.outcome).toBe('auth')
    expect(calls).toEqual([])
  })

  const refusal = (error_code: number, description: string, parameters?: object) => ({
    status: error_code,
    body: { ok: false, error_code, description, ...(parameters && { parameters }) },
  })
  it.each([
    [
      'throttled',
      'RATE_LIMITED',
      refusal(429, 'Too Many Requests: retry after 7', { retry_after: 7 }),
    ],
    [
      'permanent',
      'MESSAGING_RECIPIENT_UNREACHABLE',
      refusal(403, 'Forbidden: bot was blocked by the user'),
    ],
    ['permanent', 'MESSAGING_MESSAGE_REFUSED', refusal(400, 'Bad Request: chat not found')],
    [
      'permanent',
      'MESSAGING_RECIPIENT_MOVED',
      refusal(400, 'Bad Request: group chat was upgraded', { migrate_to_chat_id: -1005 }),
    ],
    ['auth', undefined, refusal(401, 'Unauthorized')],
    ['auth', undefined, refusal(404, 'Not Found')],
    ['unknown', undefined, refusal(500, 'Internal Server Error')],
  ])('is %s (%s) when Telegram says so', async (expected, code, answer) => {
    const { outcome } = await sendTo(adapter, {
      credentials,
      part: { type: 'text', text: 'Hi' },
      answer,
    })
    expect(outcome.outcome).toBe(expected)
    if (!('error' in outcome)) throw new Error('no error')
    if (code) expect(outcome.error.code).toBe(code)
    if (expected === 'throttled') expect(outcome.error.retryAfterMs).toBe(7000)
    if (code === 'MESSAGING_RECIPIENT_MOVED') {
      expect(outcome.error.details).toMatchObject({ migrateToChatId: '-1005' })
    }
  })
})

describe('health', () => {
  const check = (info: object) => {
    const fetch = async () => new Response(JSON.stringify({ ok: true, result: info }))
    return adapter.checkHealth?.(channelOf(credentials), sendContext({ fetch, now: () => 1e12 }))
  }

  it('is degraded without a webhook, and after a recent failure', async () => {
    expect(await check({ url: '' })).toMatchObject({
      status: 'degraded',
      message: expect.stringContaining('setWebhook'),
    })
    const url = 'https://example.com'
    const failed = { url, last_error_date: 1e9 - 60, last_error_message: 'Wrong response: 503' }
    expect(await check(failed)).toMatchObject({
      status: 'degraded',
      message: expect.stringContaining('503'),
    })
    expect(await check({ ...failed, last_error_date: 1e9 - 3600 })).toMatchObject({
      status: 'healthy',
    })
  })
})
