import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { OutboundMessage, OutboundPart } from '../outbound-message.ts'
import type { SendContext } from '../platform-adapter.ts'
import type { SendOutcome } from '../send-outcome.ts'
import {
  assertNoSecrets,
  channelWith,
  PATIENCE_MS,
  type PlatformCheck,
  type PlatformCheckGiven,
  sendContextOf,
  wrongCredentials,
} from './platform-check.ts'
import type { PlatformSimulator } from './platform-simulator.ts'

const TEXT = { type: 'text', text: 'Hello' } as const
const MESSAGE_ID = '4711'
const PNG = Buffer.from('the bytes of a picture').toString('base64')

/** One of each part. */
const PARTS: OutboundPart[] = [
  TEXT,
  { type: 'text', text: '**Hello** <b>&', format: 'markdown' },
  { type: 'location', latitude: 52.52, longitude: 13.405, name: 'Berlin', address: 'Mitte' },
  {
    type: 'buttons',
    text: 'Sure?',
    buttons: [
      { id: 'yes', title: 'Yes' },
      { id: 'no', title: 'No' },
    ],
  },
  {
    type: 'list',
    text: 'Which?',
    button: 'Choose',
    sections: [{ title: 'All', rows: [{ id: 'a', title: 'A', description: 'The first' }] }],
  },
  { type: 'template', name: 'hello_world', language: 'en_US' },
  { type: 'reaction', messageId: MESSAGE_ID, emoji: '👍' },
  { type: 'native', body: { text: 'Hello' } },
]

const LINK = { type: 'media', kind: 'image', url: 'https://example.com/a.png' } as const
const UPLOAD = {
  type: 'media',
  kind: 'image',
  data: PNG,
  mime: 'image/png',
  filename: 'a.png',
} as const

/** Sending: what the matrix promises is sent, all else refused, and every failure is an outcome. */
export const sendingChecks: PlatformCheck[] = [
  {
    name: 'a text reaches the recipient, and its id comes back',
    check: async (given) => {
      const outcome = await send(given, TEXT)
      assert.equal(outcome.outcome, 'sent')
      const [sent, ...others] = given.simulator.sent
      assert.equal(others.length, 0)
      assert.equal(sent?.to, given.simulator.account.person)
      assert.equal('messageId' in outcome && outcome.messageId, sent?.id)
    },
  },
  {
    name: 'each part of the capability matrix is sent, and each other refused before any call',
    check: async (given) => {
      const { capabilities } = given.adapter
      for (const part of PARTS) {
        await assertSends(given, part, capabilities.send.includes(part.type))
      }
      const media = capabilities.send.includes('media')
      await assertSends(given, LINK, media && capabilities.media.link)
      await assertSends(given, UPLOAD, media && capabilities.media.upload)
    },
  },
  {
    name: 'a reply names the message that it answers, or is refused where there are none',
    check: async (given) => {
      const outcome = await send(given, TEXT, { message: { replyToMessageId: MESSAGE_ID } })
      if (!given.adapter.capabilities.replies) {
        assert.equal(outcome.outcome, 'permanent')
        assert.equal(given.simulator.sent.length, 0)
        return
      }
      assert.equal(outcome.outcome, 'sent')
      assert.ok(JSON.stringify(given.simulator.sent[0]?.body).includes(MESSAGE_ID))
    },
  },
  {
    name: 'too fast is throttled, with the pause that the platform names',
    check: async (given) => {
      given.simulator.failNext({ kind: 'too-fast', retryAfterMs: 2000 })
      const outcome = await send(given, TEXT)
      assert.equal(outcome.outcome, 'throttled')
      assert.ok('error' in outcome && outcome.error.kind === 'rate_limit')
      const pause = outcome.error.retryAfterMs ?? 0
      assert.ok(pause >= 1900 && pause <= 2100, `retryAfterMs is about 2000, got ${pause}`)
      assert.equal((await send(given, TEXT)).outcome, 'sent')
    },
  },
  {
    name: 'an answer that never comes, breaks off or makes no sense is unknown, not sent and not refused',
    check: async (given) => {
      const { simulator } = given
      simulator.failNext({ kind: 'reset', accepted: true })
      simulator.failNext({ kind: 'answer', status: 500 })
      simulator.failNext({ kind: 'answer', status: 502, body: '<html>Bad Gateway</html>' })
      simulator.failNext({ kind: 'answer', status: 200, body: '<html>Hello</html>' })
      simulator.failNext({ kind: 'answer', status: 200, body: [] })
      for (const what of ['reset', '500', '502', 'a page', 'an empty list']) {
        const outcome = await send(given, TEXT)
        assert.equal(outcome.outcome, 'unknown', what)
        assertNoSecrets(simulator.credentials, 'error' in outcome ? outcome.error : outcome)
      }
    },
  },
  {
    name: 'an abort ends the send with an outcome',
    check: async (given) => {
      given.simulator.failNext({ kind: 'hang' })
      const caller = new AbortController()
      const sending = send(given, TEXT, { context: { signal: caller.signal } })
      await Promise.race([sending, arrived(given.simulator)])
      caller.abort()
      assert.equal((await sending).outcome, 'unknown')
      const late = await send(given, TEXT, { context: { signal: AbortSignal.abort() } })
      assert.ok('error' in late, 'an aborted signal sends nothing')
      assert.equal(given.simulator.sent.length, 1)
    },
  },
  {
    name: 'nobody listening is retryable: nothing was sent',
    check: async (given) => {
      const { simulator, adapterAt } = given
      await simulator.close()
      const outcome = await send({ ...given, adapter: adapterAt(simulator.apiUrl) }, TEXT)
      assert.equal(outcome.outcome, 'retryable')
      assert.ok('error' in outcome && outcome.error.outcome === 'not_sent')
      assertNoSecrets(simulator.credentials, outcome.error)
    },
  },
  {
    name: 'wrong credentials are an auth failure that shows none of them',
    check: async (given) => {
      const wrong = wrongCredentials(given.simulator.credentials)
      const channel = channelWith<(typeof given)['channel']['credentials']>(wrong)
      const outcome = await send({ ...given, channel }, TEXT)
      assert.equal(outcome.outcome, 'auth')
      assert.ok('error' in outcome)
      assertNoSecrets(wrong, outcome.error)
    },
  },
  {
    name: 'a second send with the same key is sent once, where the platform has such keys',
    check: async (given) => {
      if (!given.adapter.capabilities.idempotencyKeys) return
      const context = { idempotencyKey: 'the same key' }
      const first = await send(given, TEXT, { context })
      const again = await send(given, TEXT, { context })
      const other = await send(given, TEXT, { context: { idempotencyKey: 'another key' } })
      assert.deepEqual(
        [first, other].map(({ outcome }) => outcome),
        ['sent', 'sent'],
      )
      assert.ok(['sent', 'duplicate'].includes(again.outcome), again.outcome)
      assert.equal(given.simulator.sent.length, 2)
    },
  },
  {
    name: 'health and credentials are judged by asking the platform, and show no secret',
    check: async (given) => {
      const { adapter, simulator, channel } = given
      const wrong = wrongCredentials(simulator.credentials)
      const stranger = channelWith<(typeof channel)['credentials']>(wrong)
      const good = await adapter.checkHealth?.(channel, sendContextOf())
      const bad = await adapter.checkHealth?.(stranger, sendContextOf())
      assert.deepEqual(
        [good?.status, bad?.status],
        adapter.checkHealth ? ['healthy', 'unhealthy'] : [undefined, undefined],
      )
      assertNoSecrets(wrong, bad ?? null)
      const valid = await adapter.validateCredentials?.(channel.credentials, sendContextOf())
      const invalid = await adapter.validateCredentials?.(stranger.credentials, sendContextOf())
      assert.deepEqual(
        [valid, invalid],
        adapter.validateCredentials ? [true, false] : [undefined, undefined],
      )
      await simulator.close()
      const gone = await adapter.checkHealth?.(channel, sendContextOf())
      assert.equal(gone?.status, adapter.checkHealth ? 'unhealthy' : undefined)
      assertNoSecrets(simulator.credentials, gone ?? null)
    },
  },
]

/** Waits until the platform has a message; it may never come. */
async function arrived(simulator: PlatformSimulator): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  while (simulator.sent.length === 0 && Date.now() < deadline) await sleep(PROBE_MS)
}

const PROBE_MS = 5

async function assertSends<T>(
  given: PlatformCheckGiven<T>,
  part: OutboundPart,
  isPromised: boolean,
): Promise<void> {
  const { calls, sent } = given.simulator
  const before = { calls: calls.length, sent: sent.length }
  const outcome = await send(given, part)
  const what = `${part.type} is ${outcome.outcome}${'error' in outcome ? `: ${outcome.error.message}` : ''}`
  assert.equal(outcome.outcome, isPromised ? 'sent' : 'permanent', what)
  assert.equal(sent.length - before.sent, isPromised ? 1 : 0, `${part.type}, as often as it says`)
  if (isPromised) return
  assert.equal(calls.length, before.calls, `${part.type} is refused before any call`)
}

/** Sends one part to somebody. Every send of the contract has a key of its own unless it says otherwise. */
function send<T>(
  given: PlatformCheckGiven<T>,
  part: OutboundPart,
  changes: { message?: Partial<OutboundMessage>; context?: Partial<SendContext> } = {},
): Promise<SendOutcome> {
  const { adapter, channel, simulator } = given
  const message = { to: { id: simulator.account.person }, parts: [part], ...changes.message }
  const idempotencyKey = `key-${++keys}`
  const context = sendContextOf({ idempotencyKey, ...changes.context })
  return adapter.send(part, message, channel, context)
}

let keys = 0
