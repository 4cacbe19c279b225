import { expect, it } from 'vitest'
import { createMessengerPlatformAdapter } from '../src/messenger/index.ts'
import { createTwilioPlatformAdapter } from '../src/twilio/index.ts'
import { createWhatsAppPlatformAdapter } from '../src/whatsapp/index.ts'
import { channelOf, normalizedBy, postOf } from './adapter-fixtures.ts'

// What fits into the 4 MiB that a door takes. Work that grew with the square of it would take minutes.
const MANY = 100_000
const many = <T>(make: (index: number) => T): T[] => Array.from({ length: MANY }, (_, i) => make(i))

it('a form of many fields is refused soon: whoever posts it has proven nothing yet', () => {
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'x-twilio-signature': 'made up',
  }
  const request = postOf(many((index) => `field${index}=1`).join('&'), { headers })
  const channel = channelOf({ accountSid: 'AC1', authToken: 'token', from: '+1' })
  const verdict = createTwilioPlatformAdapter().verify(request, channel, { now: Date.now })
  expect(verdict).toMatchObject({ ok: false })
})

it('entries that name no page go to the first, however many there are', () => {
  const entry = [{ id: 'page' }, ...many(() => ({ messaging: [{}] }))]
  const events = normalizedBy(createMessengerPlatformAdapter(), postOf({ object: 'page', entry }))
  expect(events).toHaveLength(MANY + 1)
})

it('every sender has the name of its contact, however many there are', () => {
  const contacts = many((index) => ({ wa_id: `${index}`, profile: { name: `N${index}` } }))
  const messages = many((index) => ({ id: `m${index}`, from: `${index}`, type: 'text' }))
  const value = { metadata: { phone_number_id: '1' }, contacts, messages }
  const body = { entry: [{ changes: [{ field: 'messages', value }] }] }
  const events = normalizedBy(createWhatsAppPlatformAdapter(), postOf(body))
  expect(events.at(-1)).toMatchObject({ from: { name: `N${MANY - 1}` } })
})
