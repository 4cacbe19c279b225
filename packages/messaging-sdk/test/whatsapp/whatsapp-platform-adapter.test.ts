import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createRawRequest, type RawRequestOptions } from '../../src/raw-request.ts'
import { createWhatsAppPlatformAdapter } from '../../src/whatsapp/index.ts'

const adapter = createWhatsAppPlatformAdapter()
const credentials = {
  phoneNumberId: '277321005464405',
  accessToken: 'token',
  appSecret: '1222e786b144d0e85b9f365372d93676',
  verifyToken: 'my word',
}
const channel = { id: 'support', tenantId: 'acme', credentials }
const context = { channel, receivedAt: '2026-11-22T00:00:00.000Z' }

/** A real delivery, published with its (since reset) secret in david-lev/pywa `tests/test_server.py`. */
const published =
  '{"object":"whatsapp_business_account","entry":[{"id":"264937493375603","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550953877","phone_number_id":"277321005464405"},"contacts":[{"profile":{"name":"PyWa Tests"},"wa_id":"972544401243"}],"messages":[{"from":"972544401243","id":"wamid.HBgMOTcyNTQ0NDAxMjQzFQIAEhggM0RFQTNCMEEwRTY3QzUwODYzMDc4NjQ4QzM4ODAxM0YA","timestamp":"1730231903","text":{"body":"Hey there! I am using PyWa."},"type":"text"}]},"field":"messages"}]}]}'
const publishedSignature = '54edfa1d7259e0eb13c677cc7d73d1b5c86cfa12433d19156e058ab9251bc441'

function request(body: string, options: Partial<RawRequestOptions> = {}) {
  return createRawRequest({
    method: 'POST',
    url: 'https://example.org/webhook',
    headers: { 'X-Hub-Signature-256': `sha256=${publishedSignature}` },
    body: Buffer.from(body),
    ...options,
  })
}

describe('verify', () => {
  const now = () => 0

  it('accepts the published delivery', async () => {
    expect(await adapter.verify(request(published), channel, { now })).toEqual({ ok: true })
  })

  it('refuses one changed byte, a missing header, and a missing secret', async () => {
    const tampered = request(published.replace('Hey', 'hey'))
    const bare = request(published, { headers: {} })
    const open = { ...channel, credentials: { ...credentials, appSecret: '' } }
    expect(await adapter.verify(tampered, channel, { now })).toMatchObject({ ok: false })
    expect(await adapter.verify(bare, channel, { now })).toMatchObject({ ok: false })
    expect(await adapter.verify(request(published), open, { now })).toMatchObject({ ok: false })
  })

  it('accepts the previous secret while it is being rotated out', async () => {
    const rotated = {
      ...channel,
      credentials: { ...credentials, appSecret: 'new', previousAppSecret: credentials.appSecret },
    }
    expect(await adapter.verify(request(published), rotated, { now })).toEqual({ ok: true })
  })

  it('signs the raw bytes: escaped unicode that is written differently is refused', async () => {
    const escaped = '{"text":"caf\\u00e9"}'
    const signature = createHmac('sha256', credentials.appSecret).update(escaped).digest('hex')
    const headers = { 'x-hub-signature-256': `sha256=${signature}` }
    const rewritten = JSON.stringify(JSON.parse(escaped))
    expect(await adapter.verify(request(escaped, { headers }), channel, { now })).toEqual({
      ok: true,
    })
    expect(await adapter.verify(request(rewritten, { headers }), channel, { now })).toMatchObject({
      ok: false,
    })
  })
})

describe('handshake', () => {
  const ask = (query: string) =>
    adapter.handshake?.(
      createRawRequest({ method: 'GET', url: `https://example.org/webhook?${query}`, headers: {} }),
      channel,
    )

  it('echoes the challenge for our own token', () => {
    expect(
      ask('hub.mode=subscribe&hub.verify_token=my%20word&hub.challenge=1158201444'),
    ).toMatchObject({ status: 200, body: '1158201444' })
  })

  it('refuses another token', () => {
    expect(ask('hub.mode=subscribe&hub.verify_token=x&hub.challenge=1')).toEqual({ status: 403 })
  })
})

describe('normalize', () => {
  it('turns the published delivery into one message', () => {
    expect(adapter.route(request(published))).toEqual(['277321005464405'])
    expect(adapter.normalize(request(published), context)).toMatchObject([
      {
        type: 'message.received',
        id: `whatsapp:support:wamid.HBgMOTcyNTQ0NDAxMjQzFQIAEhggM0RFQTNCMEEwRTY3QzUwODYzMDc4NjQ4QzM4ODAxM0YA`,
        tenantId: 'acme',
        occurredAt: '2024-10-29T19:58:23.000Z',
        conversation: { id: '972544401243', kind: 'direct' },
        from: { primary: '972544401243', name: 'PyWa Tests' },
        parts: [{ type: 'text', text: 'Hey there! I am using PyWa.', format: 'plain' }],
        origin: 'user',
      },
    ])
  })

  it('reads every entry, change, message and status, and keeps what it does not know', () => {
    const events = normalize({
      entry: [
        {
          id: 'waba',
          changes: [
            change({
              messages: [
                {
                  from: '1',
                  id: 'a',
                  timestamp: '1730231903',
                  type: 'image',
                  image: { id: 'm1', mime_type: 'image/jpeg', sha256: 'x', caption: 'hi' },
                },
                { from_user_id: 'US.1', id: 'b', type: 'text', text: { body: 'no phone number' } },
                { from: '1', id: 'c', type: 'hologram', hologram: {} },
                { from: '1', id: 'd', type: 'reaction', reaction: { message_id: 'wamid.x' } },
                { id: '', text: null },
              ],
              statuses: [
                {
                  id: 'wamid.out',
                  status: 'failed',
                  recipient_id: '1',
                  timestamp: '1730231904',
                  errors: [{ code: 131047, title: 'Re-engagement' }],
                  biz_opaque_callback_data: 'corr',
                },
                { id: 'wamid.out', status: 'teleported' },
              ],
            }),
            { field: 'message_template_status_update', value: { event: 'APPROVED' } },
          ],
        },
        { changes: [null] },
      ],
    })
    expect(events.map(({ type }) => type)).toEqual([
      'message.received',
      'message.received',
      'message.received',
      'reaction.changed',
      'unknown',
      'message.status',
      'unknown',
      'lifecycle',
      'unknown',
    ])
    expect(events[0]).toMatchObject({
      parts: [{ type: 'media', kind: 'image', ref: { providerId: 'm1', auth: 'channel' } }],
    })
    expect(events[1]).toMatchObject({ from: { ids: [{ kind: 'bsuid', value: 'US.1' }] } })
    expect(events[2]).toMatchObject({ parts: [{ type: 'unsupported', reason: 'type hologram' }] })
    expect(events[3]).toMatchObject({ added: [], removed: ['*'] })
    expect(events[5]).toMatchObject({
      status: 'failed',
      error: { code: '131047' },
      correlationId: 'corr',
      orderKey: '1',
    })
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length)
  })

  it('takes only what belongs to the hint', () => {
    const body = JSON.stringify({
      entry: [
        {
          changes: [
            change({ messages: [{ from: '1', id: 'a', type: 'text', text: { body: 'mine' } }] }),
            change(
              { messages: [{ from: '1', id: 'b', type: 'text', text: { body: 'theirs' } }] },
              'other',
            ),
          ],
        },
      ],
    })
    expect(adapter.route(request(body))).toEqual(['277321005464405', 'other'])
    const events = adapter.normalize(request(body), { ...context, hint: 'other' })
    expect(events).toMatchObject([{ messageId: 'b' }])
  })

  it('answers a body of another shape with one unknown event, and a broken one with no hints', () => {
    expect(normalize({ hello: 'there' })).toMatchObject([{ type: 'unknown' }])
    expect(adapter.route(request('{'))).toEqual([])
  })

  function normalize(payload: unknown) {
    return adapter.normalize(request(JSON.stringify(payload)), context)
  }

  function change(value: Record<string, unknown>, phoneNumberId = '277321005464405') {
    return { field: 'messages', value: { metadata: { phone_number_id: phoneNumberId }, ...value } }
  }
})

describe('send', () => {
  const message = { to: { id: '972544401243' }, parts: [] }
  const sendContext = (answer: () => Promise<Response> | Response) => {
    const calls: { url: string; init: RequestInit }[] = []
    const fetch = async (url: string | URL | Request, init?: RequestInit) => {
      calls.push({ url: String(url), init: init ?? {} })
      return answer()
    }
    const context = {
      fetch: fetch as typeof globalThis.fetch,
      now: () => 0,
      signal: new AbortController().signal,
      idempotencyKey: 'key',
      correlationId: 'corr',
    }
    return { calls, context }
  }

  it('posts a text to the number and reports the id', async () => {
    const { calls, context } = sendContext(() => Response.json({ messages: [{ id: 'wamid.1' }] }))
    const outcome = await adapter.send({ type: 'text', text: 'Hi' }, message, channel, context)
    expect(outcome).toMatchObject({ outcome: 'sent', messageId: 'wamid.1' })
    expect(calls[0]?.url).toBe('https://graph.facebook.com/v25.0/277321005464405/messages')
    expect(JSON.parse(String(calls[0]?.init.body))).toMatchObject({
      messaging_product: 'whatsapp',
      to: '972544401243',
      type: 'text',
      text: { body: 'Hi' },
      biz_opaque_callback_data: 'corr',
    })
  })

  it.each([
    [131056, 400, 'throttled'],
    [130429, 429, 'throttled'],
    [131016, 500, 'retryable'],
    [190, 401, 'auth'],
    [200, 403, 'auth'],
    [131047, 400, 'window'],
    [131026, 400, 'permanent'],
  ])('classifies code %i as %s', async (code, status, expected) => {
    const { context } = sendContext(() =>
      Response.json({ error: { code, message: 'no' } }, { status }),
    )
    const outcome = await adapter.send({ type: 'text', text: 'Hi' }, message, channel, context)
    expect(outcome.outcome).toBe(expected)
  })

  it('tells a refused connection from a lost answer', async () => {
    const fail = (code: string) =>
      sendContext(() => {
        throw new TypeError('fetch failed', { cause: Object.assign(new Error(), { code }) })
      }).context
    const text = { type: 'text', text: 'Hi' } as const
    const refused = await adapter.send(text, message, channel, fail('ECONNREFUSED'))
    const lost = await adapter.send(text, message, channel, fail('ECONNRESET'))
    expect([refused.outcome, lost.outcome]).toEqual(['retryable', 'unknown'])
  })
})
