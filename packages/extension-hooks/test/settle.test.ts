import { describe, expect, it } from 'vitest'
import { type NodeCallback, type Settlement, settle } from '../src/settle.ts'

const tick = () => new Promise((resolve) => setTimeout(resolve, 5))

/** Settles a function and reports who won and how many came late. */
async function run(
  hook: (options: object, callback: NodeCallback) => unknown,
  parameters = hook.length,
) {
  let late = 0
  const settling = settle((callback) => hook({}, callback), { parameters, onLate: () => late++ })
  const settlement = await Promise.race([settling, tick().then(() => 'pending' as const)])
  await tick()
  return { settlement, late, atOnce: !(settling instanceof Promise) }
}
const value = (result: unknown): Settlement => ({ ok: true, value: result })
const error = (reason: unknown): Settlement => ({ ok: false, error: reason })

describe('settle', () => {
  it.each<
    [string, (options: object, callback: NodeCallback) => unknown, Settlement | 'pending', number]
  >([
    ['a callback with a result', (_, done) => done(null, 1), value(1), 0],
    ['a callback with an error', (_, done) => done('bad'), error('bad'), 0],
    ['a callback with a falsy error', (_, done) => done(0, 1), value(1), 0],
    ['a callback without anything', (_, done) => done(), value(undefined), 0],
    ['a later callback', (_, done) => void setTimeout(done, 1, null, 2), value(2), 0],
    ['a promise', async () => 3, value(3), 0],
    [
      'a promise of nothing from a function without a callback',
      async () => undefined,
      value(undefined),
      0,
    ],
    ['a rejection', async () => Promise.reject('no'), error('no'), 0],
    ['a rejection with nothing', async () => Promise.reject(undefined), error(undefined), 0],
    ['a plain return of one parameter', (_) => 4, value(4), 0],
    ['a plain return without parameters', () => null, value(null), 0],
    ['nothing from a function of one parameter', (_) => undefined, value(undefined), 0],
    ['nothing from a function of two parameters', (_, _done) => undefined, 'pending', 0],
    [
      'a timer object returned beside a callback',
      (_, done) => setTimeout(done, 1, null, 5),
      value(5),
      0,
    ],
    ['an async function that uses its callback', async (_, done) => done(null, 6), value(6), 0],
    [
      'an async function whose callback comes later',
      async (_, done) => void setTimeout(done, 1, null, 7),
      value(7),
      0,
    ],
    [
      'an async function of two parameters that returns a value',
      async (_, _done) => 8,
      value(8),
      0,
    ],
    [
      'a synchronous throw',
      () => {
        throw 'thrown'
      },
      error('thrown'),
      0,
    ],
    [
      'an asynchronous throw',
      async () => {
        throw 'thrown'
      },
      error('thrown'),
      0,
    ],
    [
      'two callbacks',
      (_, done) => {
        done(null, 1)
        done(null, 2)
      },
      value(1),
      1,
    ],
    [
      'a callback, then a throw',
      (_, done) => {
        done(null, 1)
        throw new Error('late')
      },
      value(1),
      1,
    ],
    [
      'a callback, then a rejection',
      async (_, done) => {
        done(null, 1)
        throw new Error('late')
      },
      value(1),
      1,
    ],
    [
      'a callback, then a promised value',
      async (_, done) => {
        done(null, 1)
        return 2
      },
      value(1),
      1,
    ],
    [
      'a promised value, then a callback',
      async (_, done) => {
        setTimeout(done, 1, null, 2)
        return 1
      },
      value(1),
      1,
    ],
    [
      'a callback in a function that declares none',
      (...parameters: unknown[]) => (parameters[1] as NodeCallback)(null, 9),
      value(9),
      0,
    ],
  ])('%s', async (_name, hook, settlement, late) => {
    expect(await run(hook)).toMatchObject({ settlement, late })
  })

  it('awaits any thenable, and believes only its first word', async () => {
    const thenable = {
      // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested.
      then: (resolve: (result: unknown) => void, reject: (reason: unknown) => void) => {
        resolve(1)
        reject('late')
        resolve(2)
      },
    }
    expect((await run(() => thenable)).settlement).toEqual(value(1))
  })

  it('fails when the then of a returned object throws', async () => {
    const trap = Object.defineProperty({}, 'then', {
      get: () => {
        throw new Error('trap')
      },
    })
    expect((await run(() => trap)).settlement).toMatchObject({ ok: false })
  })

  it('ends at once when the function does, without a turn of the event loop', async () => {
    expect((await run((_) => 1)).atOnce).toBe(true)
    expect((await run(async (_) => 1)).atOnce).toBe(false)
  })
})
