import assert from 'node:assert/strict'
import { chosenId } from '../chosen-id.ts'
import type { Conversation, InboundEvent } from '../inbound-event.ts'
import { fetchMediaAddress } from '../media-address.ts'
import type { MessagePart } from '../message-part.ts'
import {
  normalized,
  type PlatformCheck,
  type PlatformCheckGiven,
  requestOf,
  sampleEvent,
  sampleWebhook,
  sendContextOf,
  WEBHOOK_URL,
  webhookOf,
} from './platform-check.ts'
import type { SimulatedEvent } from './simulated-platform.ts'
import { isFirstOfTwo, JUNK, pathsOf, spoiled, withValue } from './spoiled-webhook.ts'

const BYTES = Buffer.from('the bytes of a picture')

/** What may happen, and what it must become. */
const HAPPENINGS: [SimulatedEvent, InboundEvent['type'][]][] = [
  [{ type: 'text', text: 'Grüße, 世界 👋' }, ['message.received']],
  [{ type: 'media', kind: 'image', data: BYTES, mime: 'image/png' }, ['message.received']],
  [{ type: 'status', messageId: '4711', status: 'delivered' }, ['message.status']],
  [{ type: 'status', messageId: '4711', status: 'failed' }, ['message.status']],
  [{ type: 'reaction', messageId: '4711', emoji: '👍' }, ['reaction.changed']],
  [{ type: 'reaction', messageId: '4711', emoji: '👍', removed: true }, ['reaction.changed']],
  [{ type: 'edit', messageId: '4711', text: 'Corrected' }, ['message.edited']],
  [{ type: 'delete', messageId: '4711' }, ['message.deleted']],
  [{ type: 'press', id: 'yes', title: 'Yes' }, ['action.invoked', 'message.received']],
  [{ type: 'command', name: 'help', text: 'me' }, ['action.invoked', 'message.received']],
]

/** What becomes of webhooks: typed, complete, repeatable, and never an exception. */
export const normalizingChecks: PlatformCheck[] = [
  {
    name: 'everything that happens becomes the event that the capabilities name',
    check: async (given) => {
      for (const [happening, types] of HAPPENINGS) {
        const webhook = webhookOf(given.simulator, happening)
        if (!webhook) continue
        const [event, ...others] = normalized(given, requestOf(webhook))
        assert.ok(event && others.length === 0, `one event for ${happening.type}`)
        assert.ok(types.includes(event.type), `${happening.type} becomes ${event.type}`)
        assert.ok(given.adapter.capabilities.receive.includes(event.type), event.type)
        assertWellFormed(event, given)
      }
    },
  },
  {
    name: 'words arrive as they were written',
    check: async (given) => {
      const webhook = webhookOf(given.simulator, { type: 'text', text: 'Grüße, 世界 👋' })
      if (!webhook) return
      const [event] = normalized(given, requestOf(webhook))
      assert.ok(event?.type === 'message.received')
      const [part] = event.parts
      assert.ok(part?.type === 'text')
      assert.equal(part.text, 'Grüße, 世界 👋')
      assert.equal(event.from.ids[0]?.value, event.from.primary)
    },
  },
  {
    name: 'a picked button tells its id',
    check: async (given) => {
      const webhook = webhookOf(given.simulator, { type: 'press', id: 'yes', title: 'Yes' })
      const event = webhook && normalized(given, requestOf(webhook))[0]
      if (!event) return
      assert.equal(chosenId(event), 'yes')
    },
  },
  {
    name: 'a medium leads to its bytes',
    check: async (given) => {
      const picture = { type: 'media', kind: 'image', data: BYTES, mime: 'image/png' } as const
      const webhook = webhookOf(given.simulator, picture)
      const event = webhook && normalized(given, requestOf(webhook))[0]
      if (event?.type !== 'message.received') return
      const part = event.parts.find(({ type }) => type === 'media')
      assert.ok(part?.type === 'media', 'the message has a medium')
      const { adapter, channel } = given
      const address = adapter.resolveMedia
        ? await adapter.resolveMedia(part.ref, channel, sendContextOf())
        : { url: part.ref.url ?? '' }
      const response = await fetchMediaAddress(address, sendContextOf())
      assert.deepEqual(Buffer.from(await response.arrayBuffer()), BYTES)
    },
  },
  {
    name: 'the same webhook twice is the same events, and two messages are two',
    check: async (given) => {
      const { account } = given.simulator
      const unsigned = account.compose([sampleEvent(given.simulator)])
      const [first, again] = [1, 2].map((attempt) =>
        normalized(given, requestOf(account.sign(unsigned, { url: WEBHOOK_URL, attempt }))),
      )
      assert.deepEqual(ids(again), ids(first))
      assert.notDeepEqual(
        ids(normalized(given, requestOf(sampleWebhook(given.simulator)))),
        ids(first),
      )
    },
  },
  {
    name: 'a batch keeps its order, and one bad element costs no other',
    check: async (given) => {
      const { simulator } = given
      if (simulator.account.maxBatch < 2) return
      const texts = ['first', 'second'].map((text) => ({ type: 'text', text }) as const)
      const webhook = simulator.webhook(texts, WEBHOOK_URL)
      const events = normalized(given, requestOf(webhook))
      assert.equal(events.length, 2)
      const second = events[1]?.id
      const body = JSON.parse(webhook.body) as unknown
      for (const path of pathsOf(body).filter((keys) => isFirstOfTwo(body, keys))) {
        for (const junk of JUNK) {
          const changed = JSON.stringify(withValue(body, path, junk))
          const left = normalized(given, requestOf(webhook, { body: changed }))
          assert.ok(
            left.some(({ id }) => id === second),
            `${path.join('.')} = ${JSON.stringify(junk)}`,
          )
          assert.ok(left.length >= 2, `nothing is dropped at ${path.join('.')}`)
        }
      }
    },
  },
  {
    name: 'no value anywhere in a body makes it throw or drop the delivery',
    check: async (given) => {
      for (const [happening] of HAPPENINGS) {
        const webhook = webhookOf(given.simulator, happening)
        if (!webhook) continue
        for (const { body, what } of spoiled(webhook)) {
          const events = normalized(given, requestOf(webhook, { body }))
          assert.ok(events.length > 0, `${happening.type}: ${what}`)
          for (const event of events) assertWellFormed(event, given)
        }
      }
    },
  },
  {
    name: 'a shape that nobody knows becomes an event all the same',
    check: async (given) => {
      const webhook = webhookOf(given.simulator, { type: 'native', body: { brand_new: { a: 1 } } })
      if (!webhook) return
      const events = normalized(given, requestOf(webhook))
      assert.ok(events.length > 0)
      assert.ok(JSON.stringify(events).includes('brand_new'), 'raw has everything')
    },
  },
]

const ids = (events: InboundEvent[] | undefined) => events?.map(({ id }) => id)

function assertWellFormed<T>(event: InboundEvent, { channel }: PlatformCheckGiven<T>): void {
  assert.deepEqual(JSON.parse(JSON.stringify(event)), event, 'events are plain JSON')
  assert.ok(event.id.startsWith(`${event.platform}:${channel.id}:`), `id ${event.id}`)
  assert.equal(event.channelId, channel.id)
  assert.equal(event.tenantId, channel.tenantId)
  for (const [name, time] of Object.entries({ at: event.occurredAt, got: event.receivedAt })) {
    assert.equal(new Date(time).toISOString(), time, `${name} is ISO 8601`)
  }
  assert.ok(event.conversation.id !== '' && event.orderKey !== '', 'there is a conversation')
  assert.notEqual(event.raw, undefined, 'raw is kept')
  assert.ok(CONVERSATION_KINDS.includes(event.conversation.kind), 'the conversation has a kind')
  if (!('parts' in event)) return
  assert.ok(event.parts.length > 0, 'a message has parts')
  for (const part of event.parts) assert.ok(PART_TYPES.includes(part.type), `part ${part.type}`)
}

const CONVERSATION_KINDS: Conversation['kind'][] = ['direct', 'group', 'channel', 'unknown']

const PART_TYPES: MessagePart['type'][] = [
  ...(['text', 'media', 'location', 'contact', 'interactive.reply'] as const),
  ...(['order', 'poll', 'card', 'unsupported'] as const),
]
