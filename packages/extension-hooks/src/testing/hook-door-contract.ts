import assert from 'node:assert/strict'
import { extname } from 'node:path'
import type { ExtensionConfiguration } from '../define-extension.ts'
import type { HookCall } from '../hook-call.ts'
import { contractExtension } from './contract-extension.ts'
import { hookFixture } from './hook-fixtures.ts'

/** One way to reach a host, with the transport taken off again. */
export interface HookDoor {
  /** Calls and gives back what the platform would have read. Rejects only when the transport itself broke. */
  readonly call: (call: HookCall) => Promise<DoorAnswer>
  readonly close: () => Promise<void>
}

/** What the platform reads. */
export type DoorAnswer =
  | { readonly ok: true; readonly value: unknown }
  | {
      readonly ok: false
      readonly errors: readonly { readonly code?: unknown; readonly message?: unknown }[]
    }

/** What a door is asked to serve. */
export interface DoorSetup {
  readonly extension: ExtensionConfiguration
  /** The same extension as a module, for doors that load it themselves. */
  readonly module: string
  /** The time limit it must hold, in milliseconds, and the grace after it. */
  readonly timeoutMs: number
  readonly graceMs: number
}

/** One check: a sentence and a function that rejects when it does not hold. */
export interface Check {
  readonly name: string
  readonly run: () => Promise<void>
}

// This module runs from its source and from its build; the extension lies beside it under the same ending.
const module = new URL(
  `./contract-extension${extname(new URL(import.meta.url).pathname)}`,
  import.meta.url,
).href
const TIMEOUT_MS = 150
const GRACE_MS = 20

/**
 * What every door has to do, whatever it speaks. Runs under any test runner:
 * `for (const check of hookDoorContract({ create })) it(check.name, check.run)`.
 */
export function hookDoorContract(options: {
  create: (setup: DoorSetup) => HookDoor | Promise<HookDoor>
}): Check[] {
  const setup: DoorSetup = {
    extension: contractExtension,
    module,
    timeoutMs: TIMEOUT_MS,
    graceMs: GRACE_MS,
  }
  return Object.entries(checks).map(([name, check]) => ({
    name,
    run: async () => {
      const door = await options.create(setup)
      try {
        await check(door)
      } finally {
        await door.close()
      }
    },
  }))
}

const hook = (name: unknown, options: unknown = {}, more: HookCall = {}): HookCall => ({
  diy: true,
  type: 'hook',
  function: name,
  options,
  ...more,
})

async function value(door: HookDoor, call: HookCall): Promise<unknown> {
  const answer = await door.call(call)
  assert.ok(answer.ok, `expected a result, got ${JSON.stringify(answer)}`)
  return answer.value
}

async function failure(
  door: HookDoor,
  call: HookCall,
): Promise<(DoorAnswer & { ok: false })['errors']> {
  const answer = await door.call(call)
  assert.ok(!answer.ok, `expected errors, got ${JSON.stringify(answer)}`)
  return answer.errors
}

async function codes(door: HookDoor, call: HookCall): Promise<unknown[]> {
  const errors = await failure(door, call)
  for (const { message } of errors)
    assert.ok(typeof message === 'string' && message !== '', 'an error has a message')
  return errors.map(({ code }) => code)
}

const checks: Readonly<Record<string, (door: HookDoor) => Promise<void>>> = {
  'a callback, a promise and a plain return are all answered': async (door) => {
    assert.deepEqual(await value(door, hook('echo', { a: [1, 'ü', null] })), { a: [1, 'ü', null] })
    assert.deepEqual(await value(door, hook('promise', { a: 1 })), { a: 1 })
    assert.equal(await value(door, hook('plain', { data: [1, 2] })), 2)
  },
  'the first of two callbacks counts': async (door) => {
    assert.equal(await value(door, hook('twice')), 'first')
  },
  'a throw and a rejection are failures of the call with code and message': async (door) => {
    assert.deepEqual(await failure(door, hook('throws')), [{ code: 'my_code', message: 'thrown' }])
    assert.deepEqual(await failure(door, hook('rejects')), [
      { code: 'RangeError', message: 'rejected' },
    ])
    assert.deepEqual(await codes(door, hook('failsWithText')), ['function_error'])
  },
  'a function that never answers is answered for': async (door) => {
    assert.deepEqual(await codes(door, hook('never')), ['function_timeout'])
  },
  'every problem of a call is listed in order': async (door) => {
    const [target, name, options, ...more] = await failure(door, { options: 0 })
    assert.match(String(target?.message), /diy or _connectorId/)
    assert.match(String(name?.message), /field function/)
    assert.match(String(options?.message), /options/)
    assert.deepEqual(more, [])
  },
  'groups, flat functions and class instances are found': async (door) => {
    assert.deepEqual(await value(door, { diy: true, function: 'flat', options: { a: 1 } }), {
      a: 1,
    })
    assert.equal(
      await value(door, {
        diy: true,
        type: 'classes',
        function: 'greet',
        options: { name: 'you' },
      }),
      'hello you',
    )
    assert.deepEqual(
      await codes(door, { diy: true, type: 'nowhere', function: 'echo', options: {} }),
      ['object_not_found'],
    )
    assert.deepEqual(await codes(door, hook('text')), ['invalid_function'])
    assert.deepEqual(await codes(door, { _connectorId: 'none', function: 'echo', options: {} }), [
      'invalid_field',
    ])
  },
  'nothing is called that no author wrote': async (door) => {
    for (const name of [
      'constructor',
      '__proto__',
      'hasOwnProperty',
      'toString',
      '__defineGetter__',
      'call',
    ]) {
      assert.deepEqual(await codes(door, hook(name, 'hooks')), ['invalid_function'], name)
      assert.deepEqual(
        await codes(door, { diy: true, function: name, options: 'hooks' }),
        ['invalid_function'],
        name,
      )
      assert.deepEqual(
        await codes(door, { diy: true, type: name, function: 'call', options: {} }),
        ['object_not_found'],
        name,
      )
    }
    assert.deepEqual(await value(door, hook('echo', { a: 1 })), { a: 1 })
  },
  'members named __proto__ stay data': async (door) => {
    const options: unknown = JSON.parse(
      '{"__proto__":{"polluted":true},"constructor":{"prototype":1}}',
    )
    assert.equal(JSON.stringify(await value(door, hook('echo', options))), JSON.stringify(options))
    assert.equal((Object.prototype as { polluted?: unknown }).polluted, undefined)
  },
  'what is not plain JSON is refused': async (door) => {
    assert.deepEqual(await codes(door, hook('date')), ['invalid_extension_response'])
    assert.deepEqual(await codes(door, hook('cycle')), ['invalid_extension_response'])
  },
  'the limit of a call is exact in bytes of UTF-8': async (door) => {
    const emoji = '😀'.repeat(10)
    assert.equal(await value(door, hook('echo', emoji, { maxResponseSize: 42 })), emoji)
    assert.deepEqual(await codes(door, hook('echo', emoji, { maxResponseSize: 41 })), [
      'response_size_exceeded',
    ])
  },
  'record mode keeps order and length, and a failed record fails alone': async (door) => {
    const data = [
      { id: '1', total: 2 },
      { id: '2', total: 0 },
      { id: 'throw', total: 1 },
      { id: 'fail', total: 1 },
    ]
    assert.deepEqual(await value(door, hook('tidy', hookFixture('preMap', { data }))), [
      { data: { total: 4 } },
      {},
      { errors: [{ code: 'Error', message: 'bad record' }] },
      { errors: [{ code: 'no_total', message: 'total is missing' }] },
    ])
  },
  'a page of the wrong length is refused with its index': async (door) => {
    const [error] = await failure(door, hook('short', hookFixture('preMap', { data: [1, 2, 3] })))
    assert.equal(error?.code, 'invalid_hook_response')
    assert.match(String(error?.message), /2 elements for 3 records \(first missing: index 2\)/)
  },
  'wrappers answer, page after page': async (door) => {
    const wrapper = (name: string, options: object): HookCall => ({
      diy: true,
      type: 'wrapper',
      function: name,
      options,
    })
    assert.deepEqual(await value(door, wrapper('ping', hookFixture('ping'))), { statusCode: 200 })
    const offline = (await value(
      door,
      wrapper('ping', hookFixture('ping', { connection: {} })),
    )) as { statusCode: number }
    assert.equal(offline.statusCode, 401)
    let state: unknown
    for (const page of [1, 2, 3]) {
      const answer = await value(
        door,
        wrapper('count', hookFixture('export', state === undefined ? {} : { state })),
      )
      assert.deepEqual(answer, { data: [page], state: { page }, lastPage: page === 3 })
      state = (answer as { state: unknown }).state
    }
  },
  'many calls at once keep their answers apart': async (door) => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, id) => value(door, hook('promise', { id }))),
    )
    assert.deepEqual(
      answers,
      Array.from({ length: 20 }, (_, id) => ({ id })),
    )
  },
}
