import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  envelope,
  idOf,
  publishAll,
  SETTLE_MS,
  statuses,
  type TransportCheck,
  until,
} from './transport-check.ts'

/** Storing: once, in order, and honestly when it cannot. */
export const publishingChecks: TransportCheck[] = [
  {
    name: 'the same id is stored once, also within one call',
    check: async ({ transport }) => {
      const [one, two] = [envelope('1'), envelope('2')]
      assert.deepEqual(statuses(await transport.publish([one, one, two])), [
        'stored',
        'duplicate',
        'stored',
      ])
      assert.deepEqual(statuses(await transport.publish([two])), ['duplicate'])
    },
  },
  {
    name: 'an id stays known after its envelope was handled',
    check: async ({ transport, patienceMs }) => {
      await publishAll(transport, [envelope('1')])
      let handled = 0
      await transport.consume({ group: 'g' }, async () => {
        handled++
      })
      await until(async () => (await transport.lag())[0]?.pending === 0, {
        patienceMs,
        what: 'the envelope is acknowledged',
      })
      assert.deepEqual(statuses(await transport.publish([envelope('1')])), ['duplicate'])
      await sleep(SETTLE_MS)
      assert.equal(handled, 1)
    },
  },
  {
    name: 'ids differ by every character, in any script',
    check: async ({ transport }) => {
      const ids = ['a.b', 'a b', 'a*b', 'a>b', 'ä', 'a/b', 'A.B', 'a\n', `long ${'x'.repeat(500)}`]
      const all = ids.map((id) => envelope(id))
      assert.deepEqual(
        statuses(await transport.publish(all)),
        ids.map(() => 'stored'),
      )
      assert.deepEqual(
        statuses(await transport.publish(all)),
        ids.map(() => 'duplicate'),
      )
    },
  },
  {
    name: 'what is stored comes back as it was',
    check: async ({ transport, patienceMs }) => {
      const sent = envelope('1', {
        payload: { id: '1', text: 'käse 🧀 \u0000', list: [1, null, { deep: true }] },
        headers: { traceparent: '00-1-2-01', 'correlation-id': 'ü' },
      })
      await publishAll(transport, [sent])
      const seen: unknown[] = []
      await transport.consume({ group: 'g' }, async (delivery) => {
        seen.push(delivery.envelope)
        assert.equal(delivery.attempt, 1)
        assert.equal(delivery.group, 'g')
      })
      await until(() => seen.length === 1, { patienceMs, what: 'a delivery' })
      assert.deepEqual(seen, [sent])
    },
  },
  {
    name: 'parallel calls all end, each in its own order',
    check: async ({ transport, patienceMs }) => {
      const calls = Array.from({ length: 50 }, (_, call) =>
        [0, 1, 2].map((index) => envelope(`${call}.${index}`, { orderKey: `key ${call}` })),
      )
      await Promise.all(calls.map((call) => publishAll(transport, call)))
      const seen: string[] = []
      await transport.consume({ group: 'g', maxInFlight: 20 }, async (delivery) => {
        seen.push(idOf(delivery))
      })
      await until(() => seen.length >= 150, { patienceMs, what: '150 deliveries' })
      for (let call = 0; call < 50; call++) {
        const own = seen.filter((id) => id.startsWith(`${call}.`))
        assert.deepEqual(own, [`${call}.0`, `${call}.1`, `${call}.2`])
      }
    },
  },
  {
    name: 'an envelope that is not JSON fails without an exception and stores nothing of its call',
    check: async ({ transport }) => {
      const loop: Record<string, unknown> = {}
      loop.self = loop
      const outcomes = await transport.publish([envelope('1', { payload: loop })])
      assert.deepEqual(statuses(outcomes), ['failed'])
      assert.equal(outcomes[0]?.status === 'failed' && outcomes[0].error.kind, 'permanent')
    },
  },
  {
    name: 'publishing after close fails without an exception',
    check: async ({ transport }) => {
      await transport.close()
      const outcomes = await transport.publish([envelope('1'), envelope('2')])
      assert.deepEqual(statuses(outcomes), ['failed', 'failed'])
      await assert.rejects(transport.ping(), { code: 'MESSAGING_TRANSPORT_UNAVAILABLE' })
    },
  },
  {
    name: 'an empty call is answered',
    check: async ({ transport }) => {
      assert.deepEqual(await transport.publish([]), [])
      await transport.ping()
    },
  },
  {
    name: 'a key is claimed once, completed, released and forgotten in time',
    check: async ({ transport }) => {
      const { claims } = transport
      const ttlMs = 60_000
      const all = await Promise.all([1, 2, 3].map(() => claims.claim('key: ä', { ttlMs })))
      assert.deepEqual(all.map(({ state }) => state).sort(), ['claimed', 'pending', 'pending'])
      await claims.complete('key: ä', '{"done":true}')
      assert.deepEqual(await claims.claim('key: ä', { ttlMs }), {
        state: 'done',
        value: '{"done":true}',
      })
      assert.deepEqual(await claims.claim('other', { ttlMs }), { state: 'claimed' })
      await claims.release('other')
      assert.deepEqual(await claims.claim('other', { ttlMs: 1 }), { state: 'claimed' })
      await sleep(20)
      assert.deepEqual(await claims.claim('other', { ttlMs }), { state: 'claimed' })
    },
  },
]
