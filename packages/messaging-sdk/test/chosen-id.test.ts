import { expect, it } from 'vitest'
import { chosenId, type PlatformAdapter } from '../src/index.ts'
import { createTelegramPlatformAdapter } from '../src/telegram/index.ts'
import { createWhatsAppPlatformAdapter } from '../src/whatsapp/index.ts'
import { normalizedBy, postOf } from './adapter-fixtures.ts'

const chosenBy = <TCredentials>(adapter: PlatformAdapter<TCredentials>, body: object) =>
  normalizedBy(adapter, postOf(body)).map(chosenId)

it('is the same for a platform that tells it as a message, and one that tells it as an action', () => {
  const whatsapp = (message: object) => {
    const messages = [{ from: '1', id: 'w', timestamp: '1', ...message }]
    const value = { metadata: { phone_number_id: '1' }, messages }
    return { entry: [{ changes: [{ field: 'messages', value }] }] }
  }
  const button_reply = { id: 'yes', title: 'Yes' }
  const interactive = { type: 'button_reply', button_reply }
  const adapter = createWhatsAppPlatformAdapter()
  expect(chosenBy(adapter, whatsapp({ type: 'interactive', interactive }))).toEqual(['yes'])
  expect(chosenBy(adapter, whatsapp({ type: 'text', text: { body: 'yes' } }))).toEqual([undefined])

  const from = { id: 1, is_bot: false, first_name: 'A' }
  const press = { update_id: 1, callback_query: { id: '1', from, chat_instance: '1', data: 'yes' } }
  expect(chosenBy(createTelegramPlatformAdapter(), press)).toEqual(['yes'])
  const command = { message_id: 1, date: 1, chat: { id: 1, type: 'private' }, from, text: '/yes' }
  expect(chosenBy(createTelegramPlatformAdapter(), { update_id: 2, message: command })).toEqual([
    undefined,
  ])
})
