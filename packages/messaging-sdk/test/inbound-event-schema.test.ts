import { describe, expect, it } from 'vitest'
import { inboundEventProblem, parseInboundEvent, parseOutboundMessage } from '../src/index.ts'

const event = {
  specversion: 1,
  id: 'own:support:1',
  platform: 'own',
  tenantId: 'acme',
  channelId: 'support',
  conversation: { id: '49', kind: 'direct' },
  occurredAt: '2026-11-22T00:00:00.000Z',
  receivedAt: '2026-11-22T00:00:00.000Z',
  orderKey: '49',
  raw: {},
  type: 'message.received',
  from: { ids: [{ kind: 'phone', value: '49' }], primary: '49' },
  messageId: '1',
  parts: [{ type: 'text', text: 'Hello', format: 'plain' }],
  origin: 'user',
}

describe('an inbound event', () => {
  it('passes with keys that nobody knows, and is the same object', () => {
    const newer = { ...event, added: { by: 'a newer version' } }
    expect(parseInboundEvent(newer)).toBe(newer)
  })

  it('is refused with the field that is missing or wrong', () => {
    const problems = [
      { ...event, id: '' },
      { ...event, id: undefined },
      { ...event, occurredAt: 'yesterday' },
      { ...event, parts: [] },
      { ...event, parts: [{ type: 'text', text: 1, format: 'plain' }] },
      { ...event, type: 'message.shouted' },
      null,
    ].map(inboundEventProblem)
    expect(problems).toEqual([
      'event.id: must not be empty',
      'event.id: is missing',
      'event.occurredAt: must be an ISO 8601 time',
      'event.parts: must not be empty',
      'event.parts[0].text: must be string',
      expect.stringMatching(/^event\.type: must be .*"message\.received"/),
      'event: must be Object',
    ])
  })

  it('may carry an order, a poll or a card without data, as it comes out of JSON', () => {
    expect(inboundEventProblem({ ...event, parts: [{ type: 'order' }] })).toBeUndefined()
  })
})

describe('an outbound message', () => {
  it('is refused without repeating what stood in the field', () => {
    const to = { id: '1' }
    const secret = 'EAAG-secret'
    const wrong = [
      { to, parts: [{ type: secret }] },
      { to, parts: [{ type: 'text', text: 'Hi', format: secret }] },
      { to, parts: [{ type: 'text', text: 'Hi' }], responseToken: { token: secret } },
      { to, parts: [{ type: 'location', latitude: 91, longitude: 0 }] },
      { to, parts: [{ type: 'media', kind: 'image', url: secret, data: secret }] },
    ]
    for (const message of wrong) {
      expect(() => parseOutboundMessage(message)).toThrow(/^message\.\w+(\[0\])?(\.\w+)?: /)
      expect(() => parseOutboundMessage(message)).not.toThrow(secret)
    }
  })
})
