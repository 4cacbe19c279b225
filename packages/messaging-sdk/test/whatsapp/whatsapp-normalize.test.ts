import { describe, expect, it } from 'vitest'
import { createWhatsAppPlatformAdapter } from '../../src/whatsapp/index.ts'
import { normalizedBy, postOf } from '../adapter-fixtures.ts'

const adapter = createWhatsAppPlatformAdapter()

const change = (phone_number_id: string | undefined, value: object) => ({
  field: 'messages',
  value: { metadata: { phone_number_id }, ...value },
})
const text = (id: string) => ({ from: '1', id, timestamp: '1', type: 'text', text: { body: id } })

describe('nothing is lost', () => {
  it('when a change names no number, an entry no change, or a list is none', () => {
    const entry = [
      {
        id: 'W',
        changes: [change('A', { messages: [text('m1')] }), change('B', { messages: text('m2') })],
      },
      {
        changes: [
          change(undefined, { messages: [text('m3')], statuses: { id: 'm1', status: 'read' } }),
        ],
      },
      { id: 'A' },
      'strange',
      { changes: ['strange'] },
    ]
    const events = normalizedBy(adapter, postOf({ object: 'whatsapp_business_account', entry }))
    const shown = events.map((event) =>
      'messageId' in event ? `${event.type} ${event.messageId}` : event.type,
    )
    expect(shown).toEqual([
      'message.received m1',
      'message.received m3',
      'message.status m1',
      'unknown',
      'unknown',
      'unknown',
      'message.received m2',
    ])
  })
})
