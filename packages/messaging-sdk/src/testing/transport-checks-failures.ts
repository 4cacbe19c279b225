import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { AuthError, PermanentError, RateLimitError, TransientError } from '@mortise/errors'
import type { MessageTransport } from '../message-transport.ts'
import {
  envelope,
  idOf,
  publishAll,
  SETTLE_MS,
  type TransportCheck,
  until,
} from './transport-check.ts'

const noPause = { backoffMs: () => 1 }

/** Failing handlers: retries, dead letters, and nobody else's order disturbed. */
export const failureChecks: TransportCheck[] = [
  {
    name: 'a failed delivery is tried again before its conversation goes on; others do not wait',
    check: async ({ transport, patienceMs }) => {
      const seen: string[] = []
      const others = Array.from({ length: 8 }, (_, index) => `b${index}`)
      const options = { group: 'g', backoffMs: () => 150 }
      await transport.consume(options, async (delivery) => {
        seen.push(`${idOf(delivery)}#${delivery.attempt}`)
        if (idOf(delivery) === 'a1' && delivery.attempt === 1) throw new Error('not yet')
      })
      await publishAll(transport, [
        envelope('a1', { orderKey: 'a' }),
        envelope('a2', { orderKey: 'a' }),
        // Several, because a transport may let a few keys share a lane.
        ...others.map((id) => envelope(id, { orderKey: id })),
      ])
      await until(() => seen.includes('a2#1'), { patienceMs, what: 'a2 is handled' })
      assert.deepEqual(
        seen.filter((entry) => entry.startsWith('a')),
        ['a1#1', 'a1#2', 'a2#1'],
      )
      const before = seen.slice(0, seen.indexOf('a1#2')).filter((entry) => entry.startsWith('b'))
      assert.ok(before.length > 0, 'other conversations did not wait for a1')
    },
  },
  {
    name: 'a transient failure is tried maxRetries times more, then becomes a dead letter',
    check: async ({ transport, patienceMs }) => {
      const attempts: number[] = []
      const options = { group: 'g', maxRetries: 2, ...noPause }
      await transport.consume(options, async (delivery) => {
        if (idOf(delivery) !== 'bad') return
        attempts.push(delivery.attempt)
        throw new TransientError('always down', { details: { where: 'here' } })
      })
      await publishAll(transport, [envelope('bad'), envelope('next')])
      const [letter] = await letters(transport, { count: 1, patienceMs })
      assert.deepEqual(attempts, [1, 2, 3])
      assert.equal(letter?.attempts, 3)
      assert.equal(letter?.group, 'g')
      assert.equal(letter?.queue, 'FAILED_MESSAGES')
      assert.deepEqual(letter?.envelope, envelope('bad'))
      assert.equal(letter?.error.message, 'always down')
      assert.deepEqual(letter?.error.details, { where: 'here' })
      assert.ok(!Number.isNaN(Date.parse(letter?.deadAt ?? '')))
      await until(async () => (await transport.lag())[0]?.pending === 0, {
        patienceMs,
        what: 'the conversation goes on',
      })
      assert.equal((await transport.lag())[0]?.deadLetters, 1)
    },
  },
  {
    name: 'permanent and auth failures are dead letters at once, in the queue that was named',
    check: async ({ transport, patienceMs }) => {
      let attempts = 0
      const deadLettering = { enabled: true, queueName: 'MY_QUEUE' }
      await transport.consume({ group: 'g', deadLettering }, async (delivery) => {
        attempts++
        throw idOf(delivery) === '1' ? new PermanentError('no') : new AuthError('who')
      })
      await publishAll(transport, [envelope('1'), envelope('2', { orderKey: 'b' })])
      const found = await letters(transport, { count: 2, patienceMs })
      assert.equal(attempts, 2)
      assert.deepEqual(
        new Set(found.map(({ error }) => error.kind)),
        new Set(['auth', 'permanent']),
      )
      assert.equal((await transport.deadLetters.list({ queue: 'MY_QUEUE' })).length, 2)
      assert.equal((await transport.deadLetters.list({ queue: 'other' })).length, 0)
      assert.equal((await transport.deadLetters.list({ group: 'other' })).length, 0)
    },
  },
  {
    name: 'a rate limit waits for as long as it says',
    check: async ({ transport, patienceMs }) => {
      const times: number[] = []
      await transport.consume({ group: 'g', ...noPause }, async ({ attempt }) => {
        times.push(Date.now())
        if (attempt === 1) throw new RateLimitError('slow down', { retryAfterMs: 300 })
      })
      await publishAll(transport, [envelope('1')])
      await until(() => times.length === 2, { patienceMs, what: 'the second attempt' })
      const waited = (times[1] ?? 0) - (times[0] ?? 0)
      assert.ok(waited >= 295, `waited ${waited} ms of 300`)
    },
  },
  {
    name: 'waiting for a rate limit uses up no attempt',
    check: async ({ transport, patienceMs }) => {
      const attempts: number[] = []
      await transport.consume({ group: 'g', maxRetries: 0, ...noPause }, async ({ attempt }) => {
        attempts.push(attempt)
        if (attempts.length < 4) throw new RateLimitError('slow down', { retryAfterMs: 10 })
      })
      await publishAll(transport, [envelope('1')])
      await until(() => attempts.length === 4, {
        patienceMs,
        what: 'the attempt that gets through',
      })
      await sleep(SETTLE_MS)
      assert.deepEqual(attempts, [1, 1, 1, 1])
      assert.deepEqual(await transport.deadLetters.list(), [])
    },
  },
  {
    name: 'a rate limit that names no time is bounded as other failures are',
    check: async ({ transport, patienceMs }) => {
      await transport.consume({ group: 'g', maxRetries: 1, ...noPause }, async () => {
        throw new RateLimitError('slow down')
      })
      await publishAll(transport, [envelope('1')])
      const [letter] = await letters(transport, { count: 1, patienceMs })
      assert.equal(letter?.attempts, 2)
    },
  },
  {
    name: 'without dead lettering an exhausted envelope is discarded',
    check: async ({ transport, patienceMs }) => {
      const options = { group: 'g', maxRetries: 0, deadLettering: { enabled: false } }
      const seen: string[] = []
      await transport.consume(options, async (delivery) => {
        seen.push(idOf(delivery))
        if (idOf(delivery) === '1') throw new Error('lost')
      })
      await publishAll(transport, [envelope('1'), envelope('2')])
      await until(() => seen.includes('2'), { patienceMs, what: 'the conversation goes on' })
      assert.deepEqual(seen, ['1', '2'])
      assert.deepEqual(await transport.deadLetters.list(), [])
    },
  },
  {
    name: 'dead letters are listed in pages, inspected, redriven and discarded',
    check: async ({ transport, patienceMs }) => {
      let isBroken = true
      const handled: string[] = []
      await transport.consume({ group: 'g', maxRetries: 0 }, async (delivery) => {
        if (isBroken) throw new Error('broken')
        handled.push(`${idOf(delivery)}#${delivery.attempt}`)
      })
      await publishAll(
        transport,
        ['1', '2', '3'].map((id) => envelope(id)),
      )
      const all = await letters(transport, { count: 3, patienceMs })
      const [first, second, third] = all.map(({ id }) => id)
      const page = await transport.deadLetters.list({ limit: 2 })
      assert.deepEqual(
        page.map(({ id }) => id),
        [first, second],
      )
      const rest = await transport.deadLetters.list({ after: second ?? '' })
      assert.deepEqual(
        rest.map(({ id }) => id),
        [third],
      )
      assert.deepEqual(await transport.deadLetters.get(second ?? ''), all[1])
      isBroken = false
      assert.equal(await transport.deadLetters.redrive(first ?? ''), true)
      assert.equal(await transport.deadLetters.discard(second ?? ''), true)
      await until(() => handled.length === 1, { patienceMs, what: 'the redriven one is handled' })
      await sleep(SETTLE_MS)
      assert.deepEqual(handled, ['1#1'])
      assert.deepEqual(await transport.deadLetters.list(), [all[2]])
      for (const gone of [first ?? '', second ?? '', 'nonsense', '']) {
        assert.equal(await transport.deadLetters.get(gone), undefined)
        assert.equal(await transport.deadLetters.redrive(gone), false)
        assert.equal(await transport.deadLetters.discard(gone), false)
      }
    },
  },
  {
    name: 'a redriven envelope that fails again is a dead letter again',
    check: async ({ transport, patienceMs }) => {
      let attempts = 0
      await transport.consume({ group: 'g', maxRetries: 0 }, async () => {
        attempts++
        throw new PermanentError('still broken')
      })
      await publishAll(transport, [envelope('1')])
      for (const round of [1, 2, 3]) {
        const [letter] = await letters(transport, { count: 1, patienceMs })
        assert.equal(attempts, round)
        assert.equal(await transport.deadLetters.redrive(letter?.id ?? ''), true)
        await until(() => attempts > round, { patienceMs, what: 'the next attempt' })
      }
      assert.equal((await letters(transport, { count: 1, patienceMs })).length, 1)
    },
  },
]

async function letters(
  transport: MessageTransport,
  options: { count: number; patienceMs: number },
) {
  const { count, patienceMs } = options
  await until(async () => (await transport.deadLetters.list()).length >= count, {
    patienceMs,
    what: `${count} dead letters`,
  })
  return transport.deadLetters.list()
}
