import { describe, expect, it } from 'vitest'
import { eventBase, isoFromEpoch, parseInboundEvent } from '../src/index.ts'

const context = {
  channel: { id: 'support', tenantId: 'acme', credentials: {} },
  receivedAt: '2026-11-22T00:00:00.000Z',
}

describe('isoFromEpoch', () => {
  it('takes seconds and milliseconds, as numbers and as strings', () => {
    expect(isoFromEpoch('1730231903', 's')).toBe('2024-10-29T19:58:23.000Z')
    expect(isoFromEpoch(1730231903000, 'ms')).toBe('2024-10-29T19:58:23.000Z')
  })

  it('has no answer for what is no time', () => {
    for (const value of [undefined, null, '', 'soon', -1, 0, Number.NaN, {}, []]) {
      expect(isoFromEpoch(value, 's')).toBeUndefined()
    }
  })

  it('never makes an event that its own check refuses, as with milliseconds given for seconds', () => {
    const occurredAt = isoFromEpoch('1730231903000', 's')
    const conversation = { id: '1', kind: 'direct' } as const
    const options = { platform: 'own', providerKey: '1', conversation, occurredAt, raw: {} }
    const event = { ...eventBase(options, context), type: 'unknown', reason: 'none' }
    expect(parseInboundEvent(event).occurredAt).toBe(context.receivedAt)
  })
})
