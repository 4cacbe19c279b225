import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { PermanentError } from '@mortise/errors'
import {
  envelope,
  idOf,
  publishAll,
  SETTLE_MS,
  type TransportCheck,
  until,
} from './transport-check.ts'

/** Groups: what each gets, where it begins, what it asks for and how it is forgotten. */
export const groupChecks: TransportCheck[] = [
  {
    name: 'a group that comes late gets everything, one conversation in order',
    check: async ({ transport, patienceMs }) => {
      const ids = Array.from({ length: 20 }, (_, index) => String(index))
      await publishAll(
        transport,
        ids.map((id) => envelope(id)),
      )
      const seen: string[] = []
      let atWork = 0
      await transport.consume({ group: 'late' }, async (delivery) => {
        assert.equal(++atWork, 1, 'one at a time within a key')
        await sleep(1)
        seen.push(idOf(delivery))
        atWork--
      })
      await until(() => seen.length >= 20, { patienceMs, what: '20 deliveries' })
      assert.deepEqual(seen, ids)
    },
  },
  {
    name: 'a group that begins now gets nothing of before, and goes on where it was',
    check: async ({ transport, patienceMs }) => {
      const seen: string[] = []
      const consume = (from: 'beginning' | 'now') =>
        transport.consume({ group: 'g', from }, async (delivery) => {
          seen.push(idOf(delivery))
        })
      await publishAll(transport, [envelope('before')])
      const first = await consume('now')
      await publishAll(transport, [envelope('1')])
      await until(() => seen.length > 0, { patienceMs, what: 'delivery of 1' })
      await first.close()
      await publishAll(transport, [envelope('2')])
      const second = await consume('now')
      await until(() => seen.length > 1, { patienceMs, what: 'delivery of 2' })
      await second.close()
      await consume('beginning')
      await publishAll(transport, [envelope('3')])
      await until(() => seen.length > 2, { patienceMs, what: 'delivery of 3' })
      assert.deepEqual(seen, ['1', '2', '3'])
    },
  },
  {
    name: 'every group gets everything; two workers of one group share it',
    check: async ({ transport, patienceMs }) => {
      const seen: Record<string, string[]> = { a: [], b: [] }
      for (const group of ['a', 'a', 'b']) {
        await transport.consume({ group }, async (delivery) => {
          seen[group]?.push(idOf(delivery))
        })
      }
      const ids = Array.from({ length: 12 }, (_, index) => String(index))
      await publishAll(
        transport,
        ids.map((id) => envelope(id, { orderKey: id })),
      )
      await until(() => (seen.a?.length ?? 0) >= 12 && (seen.b?.length ?? 0) >= 12, {
        patienceMs,
        what: '12 deliveries to each group',
      })
      await sleep(SETTLE_MS)
      const byNumber = (one: string, other: string) => Number(one) - Number(other)
      assert.deepEqual(seen.a?.sort(byNumber), ids)
      assert.deepEqual(seen.b?.sort(byNumber), ids)
    },
  },
  {
    name: 'a group takes only the channels it asked for',
    check: async ({ transport, patienceMs }) => {
      await publishAll(transport, [
        envelope('1', { channel: 'unwanted' }),
        envelope('2', { channel: 'wanted' }),
      ])
      const seen: string[] = []
      await transport.consume({ group: 'g', channels: ['wanted'] }, async (delivery) => {
        seen.push(idOf(delivery))
      })
      await publishAll(transport, [
        envelope('3', { channel: 'unwanted' }),
        envelope('4', { channel: 'wanted' }),
      ])
      await until(() => seen.length >= 2, { patienceMs, what: 'two wanted deliveries' })
      await sleep(SETTLE_MS)
      assert.deepEqual(seen, ['2', '4'])
    },
  },
  {
    name: 'two lists of channels for one group are refused with a TypeError',
    check: async ({ transport }) => {
      const consume = (channels?: string[]) =>
        transport.consume({ group: 'g', ...(channels && { channels }) }, async () => {})
      const first = await consume(['one', 'other'])
      await consume(['other', 'one'])
      for (const list of [['one'], undefined]) await assert.rejects(() => consume(list), TypeError)
      await first.close()
    },
  },
  {
    name: 'a removed group is forgotten with what waited for it; coming back it begins anew',
    check: async ({ transport, patienceMs }) => {
      await publishAll(transport, [envelope('1')])
      const seen: string[] = []
      const consume = () =>
        transport.consume({ group: 'g' }, async (delivery) => {
          seen.push(idOf(delivery))
        })
      const subscription = await consume()
      await until(() => seen.length === 1, { patienceMs, what: 'the first delivery' })
      await subscription.close()
      assert.equal(await transport.removeGroup('g'), true)
      assert.equal(await transport.removeGroup('g'), false)
      assert.deepEqual(await transport.lag(), [])
      await consume()
      await until(() => seen.length === 2, { patienceMs, what: 'the delivery to the new group' })
      assert.deepEqual(seen, ['1', '1'])
    },
  },
  {
    name: 'dead letters of a removed group stay, and are counted',
    check: async ({ transport, patienceMs }) => {
      await publishAll(transport, [envelope('1')])
      const subscription = await transport.consume({ group: 'g' }, async () => {
        throw new PermanentError('broken')
      })
      const count = async () => (await transport.lag())[0]?.deadLetters
      await until(async () => (await count()) === 1, { patienceMs, what: 'a dead letter' })
      await subscription.close()
      await transport.removeGroup('g')
      const lag = { group: 'g', pending: 0, inFlight: 0, deadLetters: 1 }
      assert.deepEqual(await transport.lag(), [lag])
    },
  },
  {
    name: 'a wrong group or limit is a TypeError that names it',
    check: async ({ transport }) => {
      const handler = async () => {}
      const consume = async (options: Parameters<typeof transport.consume>[0]) =>
        transport.consume(options, handler)
      await assert.rejects(consume({ group: 'with space' }), {
        name: 'TypeError',
        message: /group/,
      })
      await assert.rejects(consume({ group: 'g', maxInFlight: 0 }), {
        name: 'TypeError',
        message: /maxInFlight/,
      })
      await assert.rejects(consume({ group: 'g', maxRetries: -1 }), {
        name: 'TypeError',
        message: /maxRetries/,
      })
    },
  },
]
