import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeResult } from '../src/encode-result.ts'
import { checkHookOutput } from '../src/hook-invariants.ts'
import { createHookFetchHandler } from '../src/http/index.ts'
import { createHookHost, keep, preMap, skip } from '../src/index.ts'
import { settle } from '../src/settle.ts'

const TOKEN = '5f0c1d7be2a94c6d8b3e'
const called: string[] = []
const author = (name: string) => (options: unknown) => {
  called.push(name)
  return options ?? null
}
class Methods {
  method(options: unknown) {
    called.push('method')
    return options
  }
}
const diy = {
  flat: author('flat'),
  hooks: {
    grouped: author('grouped'),
    page: preMap(({ data }) => data.map((record) => ({ data: record }))),
  },
  things: new Methods(),
  text: 'text',
  number: 5,
  list: [author('listed')],
}
const host = createHookHost({ diy }, { timeoutMs: 1_000 })
const connectors = createHookHost(
  { connectors: { one: diy, two: { flat: author('flat') } } },
  { timeoutMs: 1_000 },
)

const builtIn = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '__defineGetter__',
  '__lookupSetter__',
  'call',
  'apply',
  'bind',
  'valueOf',
  'length',
  'name',
  'map',
  '0',
]
const name = fc.oneof(
  fc.constantFrom(
    'flat',
    'grouped',
    'page',
    'method',
    'hooks',
    'hook',
    'things',
    'text',
    'number',
    'list',
    'one',
    'two',
    ...builtIn,
  ),
  fc.string(),
  fc.jsonValue(),
)
const call = fc.record(
  {
    diy: fc.jsonValue(),
    _connectorId: name,
    type: name,
    function: name,
    options: fc.jsonValue(),
    maxResponseSize: fc.jsonValue(),
    _reqId: fc.jsonValue(),
    traceId: fc.jsonValue(),
  },
  { requiredKeys: [] },
)

describe('any call', () => {
  it('is answered, never rejects, and calls author functions only', async () => {
    await fc.assert(
      fc.asyncProperty(call, fc.boolean(), async (request, published) => {
        called.length = 0
        const result = await (published ? connectors : host).invoke(request)
        if (result.ok) expect(JSON.stringify(result.value ?? null)).toBe(result.json)
        else {
          expect([422]).toContain(result.status)
          for (const { code, message } of result.errors) expect(code && message).toBeTruthy()
        }
        expect(called.length).toBeLessThanOrEqual(1)
        expect(host.stats().active + connectors.stats().active).toBe(0)
      }),
      { numRuns: 1_500 },
    )
    expect(await host.invoke({ diy: true, function: 'flat', options: 1 })).toMatchObject({
      ok: true,
      value: 1,
    })
  })

  it('of any bytes is answered with JSON over HTTP', async () => {
    const handle = createHookFetchHandler(host, { tokens: TOKEN })
    const bytes = fc.oneof(
      fc.uint8Array(),
      fc.json().map((text) => Buffer.from(text)),
      call.map((value) => Buffer.from(JSON.stringify(value))),
    )
    await fc.assert(
      fc.asyncProperty(bytes, async (body) => {
        const response = await handle(
          new Request('http://host/function', {
            method: 'POST',
            headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
            body: body as Uint8Array<ArrayBuffer>,
          }),
        )
        expect([200, 400, 422]).toContain(response.status)
        await response.json()
      }),
      { numRuns: 400 },
    )
  })
})

describe('any result', () => {
  it('is either refused or encoded as the JSON that it is', () => {
    fc.assert(
      fc.property(
        fc.anything({
          withBigInt: true,
          withDate: true,
          withMap: true,
          withSet: true,
          withTypedArray: true,
          withNullPrototype: true,
          withSparseArray: true,
        }),
        (value) => {
          const strict = encodeResult(value, { maxBytes: 1e6, json: 'strict' })
          if (!strict.ok) return
          expect(Buffer.byteLength(strict.json)).toBe(strict.bytes)
          expect(JSON.stringify(JSON.parse(strict.json))).toBe(strict.json)
          expect(encodeResult(value, { maxBytes: 1e6, json: 'lossy' }).ok).toBe(true)
        },
      ),
      { numRuns: 2_000 },
    )
  })

  it('of any kind is judged without a throw', () => {
    const kinds = [
      'preSavePage',
      'preMap',
      'postMap',
      'postSubmit',
      'postResponseMap',
      'import',
      'export',
      'ping',
      'formInit',
    ] as const
    const input = { data: [1], postMapData: [1], responseData: [1], postResponseMapData: [1] }
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.jsonValue(), (kind, output) => {
        const problem = checkHookOutput(kind, output, input)
        if (problem !== undefined) expect(problem.startsWith(`${kind} `)).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('any page in record mode', () => {
  it('keeps its length and order, whatever each does with any record, at any concurrency', async () => {
    const outcomes = fc.array(
      fc.constantFrom('keep', 'skip', 'throw', 'later', 'reject', 'nonsense'),
      { maxLength: 30 },
    )
    await fc.assert(
      fc.asyncProperty(outcomes, fc.integer({ min: 1, max: 8 }), async (page, concurrency) => {
        const each = (record: string) => {
          if (record === 'throw') throw new Error('no')
          if (record === 'reject') return Promise.reject(new Error('no'))
          if (record === 'nonsense') return 5 as never
          if (record === 'later')
            return new Promise<ReturnType<typeof keep<string>>>((resolve) =>
              setImmediate(() => resolve(keep(record))),
            )
          return record === 'skip' ? skip() : keep(record)
        }
        const result = await createHookHost({
          diy: { page: preMap<string>({ each, concurrency }) },
        }).invoke({ diy: true, function: 'page', options: { data: page } })
        const expected = page.map((record) =>
          record === 'keep' || record === 'later'
            ? { data: record }
            : record === 'skip'
              ? {}
              : { errors: [expect.anything()] },
        )
        expect(result).toMatchObject({ ok: true, value: expected })
      }),
      { numRuns: 150 },
    )
  })
})

describe('any order of settlements', () => {
  it('is decided by the first one', async () => {
    const event = fc.constantFrom('callback', 'callbackError', 'return', 'throw')
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 5 }), async (events) => {
        const settlement = await settle(
          (callback) => {
            for (const [index, kind] of events.entries()) {
              if (kind === 'callback') callback(null, index)
              if (kind === 'callbackError') callback(`error ${index}`)
              if (kind === 'return') return Promise.resolve(index)
              if (kind === 'throw') throw `error ${index}`
            }
            return undefined
          },
          { parameters: 2 },
        )
        const ok = events[0] === 'callback' || events[0] === 'return'
        expect(settlement).toEqual(ok ? { ok, value: 0 } : { ok, error: 'error 0' })
      }),
    )
  })
})
