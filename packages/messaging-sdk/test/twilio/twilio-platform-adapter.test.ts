import { createHash, createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createRawRequest } from '../../src/raw-request.ts'
import { createTwilioPlatformAdapter } from '../../src/twilio/index.ts'
import { channelOf, normalizedBy, postOf, sendTo } from '../adapter-fixtures.ts'

const adapter = createTwilioPlatformAdapter()
const credentials = { accountSid: 'AC1', authToken: '12345', from: '+15017122661' }
const channel = channelOf(credentials)
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const formOf = (
  fields: Record<string, string>,
  options: { url?: string; signature?: string } = {},
) =>
  postOf(new URLSearchParams(fields).toString(), {
    headers: { ...FORM, ...(options.signature && { 'x-twilio-signature': options.signature }) },
    ...(options.url && { url: options.url }),
  })
const isAccepted = async (request: ReturnType<typeof postOf>) =>
  (await adapter.verify(request, channel, { now: Date.now })).ok

describe('the published signature', () => {
  /** twilio/twilio-python, `tests/unit/test_request_validator.py`. */
  const fields = {
    CallSid: 'CA1234567890ABCDE',
    Digits: '1234',
    From: '+14158675309',
    To: '+18005551212',
    Caller: '+14158675309',
  }
  const signature = 'RSOYDt4T1cUTdK1PDd93/VVr8B8='
  const url = 'https://mycompany.com/myapp.php?foo=1&bar=2'

  it('is accepted at its address, with the port written or not', async () => {
    expect(await isAccepted(formOf(fields, { url, signature }))).toBe(true)
    const withPort = url.replace('.com/', '.com:443/')
    expect(await isAccepted(formOf(fields, { url: withPort, signature }))).toBe(true)
  })

  it('is refused at another address, with another field, or changed', async () => {
    expect(await isAccepted(formOf(fields, { url: `${url}&baz=3`, signature }))).toBe(false)
    expect(await isAccepted(formOf(fields, { url: url.replace('https', 'http'), signature }))).toBe(
      false,
    )
    expect(await isAccepted(formOf({ ...fields, Digits: '12345' }, { url, signature }))).toBe(false)
    expect(await isAccepted(formOf({ ...fields, Extra: '' }, { url, signature }))).toBe(false)
    expect(await isAccepted(formOf(fields, { url, signature: signature.toLowerCase() }))).toBe(
      false,
    )
    expect(await isAccepted(formOf(fields, { url }))).toBe(false)
  })
})

describe('a JSON body', () => {
  const body = '{"property": "value", "boolean": true}'
  const hash = createHash('sha256').update(body).digest('hex')
  const url = `https://mycompany.com/app?bodySHA256=${hash}`
  const signature = createHmac('sha1', credentials.authToken).update(url).digest('base64')
  const request = (text: string) =>
    postOf(text, { url, headers: { 'x-twilio-signature': signature } })

  it('is covered by its hash in the address, and kept as an unknown event', async () => {
    expect(await isAccepted(request(body))).toBe(true)
    expect(await isAccepted(request(body.replace('true', 'false')))).toBe(false)
    expect(normalizedBy(adapter, request(body))).toMatchObject([
      { type: 'unknown', raw: { property: 'value' } },
    ])
  })
})

describe('webhooks', () => {
  const incoming = {
    MessageSid: 'SM1',
    AccountSid: 'AC1',
    From: '+14158675309',
    To: '+15017122661',
    Body: 'Hello',
    NumMedia: '0',
    SmsStatus: 'received',
  }

  it('bring words and media, and name the channel by our number', () => {
    const media = {
      NumMedia: '2',
      MediaUrl0: 'https://api.twilio.com/m/0',
      MediaContentType0: 'image/jpeg',
    }
    const request = formOf({ ...incoming, ...media })
    expect(adapter.route(request)).toEqual(['+15017122661'])
    const events = normalizedBy(adapter, request)
    expect(events).toMatchObject([
      {
        id: 'twilio:channel-1:SM1',
        type: 'message.received',
        conversation: { id: '+14158675309' },
        from: { ids: [{ kind: 'phone', value: '+14158675309' }] },
        parts: [
          { type: 'text', text: 'Hello' },
          { type: 'media', kind: 'image', ref: { auth: 'channel' }, mime: 'image/jpeg' },
          { type: 'unsupported', reason: 'medium 1 has no address' },
        ],
      },
    ])
    expect(adapter.respond?.(events, request, channel)).toEqual({
      status: 200,
      headers: { 'content-type': 'text/xml' },
      body: '<Response/>',
    })
  })

  it('of WhatsApp tell address, number, name, button and what was answered', () => {
    const fields = {
      ...incoming,
      From: 'whatsapp:+14158675309',
      WaId: '14158675309',
      ProfileName: 'Bob',
      ButtonPayload: 'yes',
      ButtonText: 'Yes',
      OriginalRepliedMessageSid: 'SM0',
      Latitude: '52.5',
      Longitude: '13.4',
      ReferralSourceUrl: 'https://fb.me/1',
    }
    expect(normalizedBy(adapter, formOf(fields))).toMatchObject([
      {
        from: {
          primary: 'whatsapp:+14158675309',
          name: 'Bob',
          ids: [{ kind: 'address' }, { kind: 'phone', value: '+14158675309' }, { kind: 'wa_id' }],
        },
        parts: [
          { type: 'interactive.reply', id: 'yes', title: 'Yes' },
          { type: 'location', latitude: 52.5 },
        ],
        replyTo: { messageId: 'SM0' },
        referral: { ReferralSourceUrl: 'https://fb.me/1' },
      },
    ])
  })

  it.each([
    ['accepted', 'queued'],
    ['sending', 'queued'],
    ['sent', 'sent'],
    ['delivered', 'delivered'],
    ['read', 'read'],
    ['undelivered', 'failed'],
    ['canceled', 'failed'],
  ])('tell the status %s as %s', (MessageStatus, status) => {
    const fields = {
      MessageSid: 'SM1',
      MessageStatus,
      From: '+1501',
      To: '+1415',
      ErrorCode: '30003',
    }
    const request = formOf(fields)
    expect(adapter.route(request)).toEqual(['+1501'])
    expect(normalizedBy(adapter, request)).toMatchObject([
      {
        type: 'message.status',
        status,
        messageId: 'SM1',
        error: { code: '30003' },
        conversation: { id: '+1415' },
      },
    ])
    expect(adapter.respond?.(normalizedBy(adapter, request), request, channel)).toBeUndefined()
  })

  it('without a form are no crash', () => {
    const url = 'https://example.com/'
    const empty = createRawRequest({ method: 'POST', url, headers: FORM })
    expect(normalizedBy(adapter, empty)).toMatchObject([{ type: 'unknown' }])
  })
})

describe('sending', () => {
  const sent = { status: 201, body: { sid: 'SM9', status: 'queued' } }
  const text = { type: 'text', text: 'Hi' } as const
  const fieldsOf = (body: unknown) => Object.fromEntries(body as URLSearchParams)

  it('posts a form with the account’s name and word', async () => {
    const { outcome, calls } = await sendTo(adapter, { credentials, part: text, answer: sent })
    expect(outcome).toMatchObject({ outcome: 'sent', messageId: 'SM9' })
    expect(calls[0]?.url).toBe('https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json')
    expect(calls[0]?.headers.get('authorization')).toBe(`Basic ${btoa('AC1:12345')}`)
    expect(fieldsOf(calls[0]?.body)).toEqual({
      To: 'recipient-1',
      From: '+15017122661',
      Body: 'Hi',
    })
  })

  it('writes to WhatsApp from WhatsApp, through messaging services, with templates and statuses', async () => {
    const message = { to: { id: '+1415' } }
    const whatsapp = { ...credentials, from: 'whatsapp:+1501' }
    const one = await sendTo(adapter, { credentials: whatsapp, part: text, message, answer: sent })
    expect(fieldsOf(one.calls[0]?.body)).toMatchObject({
      To: 'whatsapp:+1415',
      From: 'whatsapp:+1501',
    })
    const told = createTwilioPlatformAdapter({ statusCallback: 'https://example.com/status' })
    const part = {
      type: 'template',
      name: 'HX1',
      language: 'en',
      components: [{ 1: 'Bob' }],
    } as const
    const service = { ...credentials, from: 'MG1' }
    const two = await sendTo(told, {
      credentials: service,
      part: { ...part, components: [{ 1: 'Bob' }] },
      message,
      answer: sent,
    })
    expect(fieldsOf(two.calls[0]?.body)).toEqual({
      To: '+1415',
      MessagingServiceSid: 'MG1',
      StatusCallback: 'https://example.com/status',
      ContentSid: 'HX1',
      ContentVariables: '{"1":"Bob"}',
    })
  })

  it.each([
    ['throttled', 429, 20429],
    ['throttled', 429, 14107],
    ['throttled', 400, 21611],
    ['auth', 401, 20003],
    ['auth', 401, 20006],
    ['auth', 403, 20403],
    ['permanent', 403, 21408],
    ['window', 400, 63016],
    ['permanent', 400, 21610],
    ['permanent', 400, 21211],
    ['unknown', 500, 20500],
  ])('is %s at %i/%i', async (expected, status, code) => {
    const answer = { status, body: { code, message: 'no', status } }
    const { outcome } = await sendTo(adapter, { credentials, part: text, answer })
    expect(outcome.outcome).toBe(expected)
  })
})

describe('media', () => {
  it('follow Twilio to its store without the credentials, and go nowhere else', async () => {
    const seen: string[] = []
    const fetch: typeof globalThis.fetch = async (input, init) => {
      seen.push(`${String(input)} ${new Headers(init?.headers).has('authorization')}`)
      return new Response(null, {
        status: 307,
        headers: { location: 'https://store.example/1?sig=2' },
      })
    }
    const context = { fetch, signal: AbortSignal.timeout(1000) }
    const url = 'https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1'
    expect(await adapter.resolveMedia?.({ url }, channel, context)).toEqual({
      url: 'https://store.example/1?sig=2',
    })
    expect(seen).toEqual([`${url} true`])
    for (const bad of [
      'https://twilio.com.evil.example/1',
      'http://api.twilio.com/1',
      'file:///etc/passwd',
    ]) {
      await expect(adapter.resolveMedia?.({ url: bad }, channel, context)).rejects.toMatchObject({
        code: 'MESSAGING_MEDIA_UNAVAILABLE',
      })
    }
    expect(seen).toHaveLength(1)
  })
})
