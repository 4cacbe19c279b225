import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  envelope,
  idOf,
  publishAll,
  SETTLE_MS,
  type TransportCheck,
  until,
} from './transport-check.ts'

/** Handing on: how many at once, leases, a quiet end and what is still to do. */
export const consumingChecks: TransportCheck[] = [
  {
    name: 'what is published later arrives without being asked for again',
    check: async ({ transport, patienceMs }) => {
      const seen: string[] = []
      await transport.consume({ group: 'g' }, async (delivery) => {
        seen.push(idOf(delivery))
      })
      for (const id of ['1', '2', '3']) {
        await publishAll(transport, [envelope(id)])
        await until(() => seen.at(-1) === id, { patienceMs, what: `delivery of ${id}` })
      }
      assert.deepEqual(seen, ['1', '2', '3'])
    },
  },
  {
    name: 'different conversations are handled side by side, never more than maxInFlight',
    check: async ({ transport, patienceMs }) => {
      let atWork = 0
      let most = 0
      let done = 0
      await transport.consume({ group: 'g', maxInFlight: 3 }, async () => {
        most = Math.max(most, ++atWork)
        await sleep(20)
        atWork--
        done++
      })
      await publishAll(
        transport,
        Array.from({ length: 24 }, (_, index) =>
          envelope(String(index), { orderKey: `key ${index}` }),
        ),
      )
      await until(() => done === 24, { patienceMs, what: '24 handled' })
      assert.ok(most > 1, 'some were handled at the same time')
      assert.ok(most <= 3, `${most} were handled at the same time`)
    },
  },
  {
    name: 'a handler that is slower than ackWaitMs keeps its delivery',
    check: async ({ transport, patienceMs }) => {
      await publishAll(transport, [envelope('slow')])
      let started = 0
      let finished = 0
      const options = { group: 'g', ackWaitMs: 300 }
      for (let worker = 0; worker < 2; worker++) {
        await transport.consume(options, async () => {
          started++
          await sleep(900)
          finished++
        })
      }
      await until(() => finished > 0, { patienceMs, what: 'the slow handler ends' })
      await sleep(SETTLE_MS)
      assert.equal(started, 1)
    },
  },
  {
    name: 'close waits for the handler at work, tells it, and takes nothing more',
    check: async ({ transport, patienceMs }) => {
      const seen: string[] = []
      let told = false
      let ended = false
      const subscription = await transport.consume({ group: 'g' }, async (delivery) => {
        seen.push(idOf(delivery))
        delivery.signal.addEventListener('abort', () => {
          told = true
        })
        await sleep(100)
        ended = true
      })
      await publishAll(transport, [envelope('1'), envelope('2')])
      await until(() => seen.length === 1, { patienceMs, what: 'the first delivery' })
      await subscription.close()
      await subscription.close()
      assert.deepEqual({ told, ended }, { told: true, ended: true })
      const rest: string[] = []
      await transport.consume({ group: 'g' }, async (delivery) => {
        rest.push(idOf(delivery))
      })
      await until(() => rest.length > 0, { patienceMs, what: 'the next worker goes on' })
      await sleep(SETTLE_MS)
      assert.deepEqual([seen, rest], [['1'], ['2']])
    },
  },
  {
    name: 'lag counts what is pending, in flight and how old it is',
    check: async ({ transport, patienceMs }) => {
      let release = () => {}
      const gate = new Promise<void>((resolve) => {
        release = resolve
      })
      await transport.consume({ group: 'g' }, ({ signal }) => {
        signal.addEventListener('abort', release) // a failing check must be able to close
        return gate
      })
      await publishAll(transport, [envelope('1'), envelope('2')])
      await until(async () => (await transport.lag())[0]?.inFlight === 1, {
        patienceMs,
        what: 'one in flight',
      })
      const [before] = await transport.lag()
      assert.equal(before?.group, 'g')
      assert.equal(before?.pending, 2)
      assert.ok((before?.oldestUnackedMs ?? -1) >= 0)
      release()
      await until(async () => (await transport.lag())[0]?.pending === 0, {
        patienceMs,
        what: 'nothing pending',
      })
      assert.equal((await transport.lag())[0]?.oldestUnackedMs, undefined)
    },
  },
]
