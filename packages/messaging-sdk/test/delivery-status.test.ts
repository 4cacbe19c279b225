import { describe, expect, it } from 'vitest'
import { applyStatus, type DeliveryStatus, mergeStatus, type TrackedMessage } from '../src/index.ts'

const order: DeliveryStatus[] = ['queued', 'sent', 'delivered', 'read', 'played']

describe('mergeStatus', () => {
  it('never goes back, whatever the order of arrival', () => {
    for (const [rank, current] of order.entries()) {
      for (const [other, incoming] of order.entries()) {
        expect(mergeStatus(current, incoming)).toBe(order[Math.max(rank, other)])
      }
    }
  })

  it('takes anything first', () => {
    expect(mergeStatus(undefined, 'failed')).toBe('failed')
  })

  it('keeps failed until a delivery proves it wrong', () => {
    expect(mergeStatus('failed', 'sent')).toBe('failed')
    expect(mergeStatus('failed', 'delivered')).toBe('delivered')
    expect(mergeStatus('sent', 'failed')).toBe('failed')
    expect(mergeStatus('read', 'failed')).toBe('read')
  })
})

describe('applyStatus', () => {
  const message = (messageId: string, sentAt: string, status: DeliveryStatus): TrackedMessage => ({
    messageId,
    conversationId: 'a',
    sentAt,
    status,
  })
  const messages = [
    message('1', '2026-11-22T10:00:00.000Z', 'delivered'),
    message('2', '2026-11-22T10:05:00.000Z', 'sent'),
    message('3', '2026-11-22T10:10:00.000Z', 'sent'),
  ]
  const conversation = { id: 'a', kind: 'direct' } as const

  it('changes the message that the event names', () => {
    const changed = applyStatus(messages, { messageId: '3', status: 'delivered', conversation })
    expect(changed).toEqual([{ ...messages[2], status: 'delivered' }])
  })

  it('expands a watermark to everything sent up to it, and leaves what is further', () => {
    const upTo = '2026-11-22T10:05:00.000Z'
    const changed = applyStatus(messages, { status: 'delivered', upTo, conversation })
    expect(changed.map(({ messageId }) => messageId)).toEqual(['2'])
  })

  it('leaves other conversations alone', () => {
    const upTo = '2027-01-01T00:00:00.000Z'
    const other = { id: 'b', kind: 'direct' } as const
    expect(applyStatus(messages, { status: 'read', upTo, conversation: other })).toEqual([])
  })
})
