import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import {
  changeEdition,
  createHookHost,
  defineExtension,
  type ExportInput,
  exportPages,
  fail,
  formInit,
  type HookContext,
  type ImportResult,
  importPage,
  initChild,
  keep,
  type MapResult,
  type PreMapInput,
  ping,
  postAggregate,
  postMap,
  postResponseMap,
  postSubmit,
  preMap,
  preSave,
  preSavePage,
  type RecordContext,
  type SubmitResponse,
  skip,
  step,
  update,
} from '../src/index.ts'
import { type HookInputs, hookFixture, runHook } from '../src/testing/index.ts'

interface Order {
  id: string
  total: number
}

describe('the fifteen builders', () => {
  const error = { code: 'c', message: 'm' }
  const hooks = {
    preSavePage: preSavePage(({ data, errors = [] }) => ({ data, errors, abort: false })),
    preMap: preMap(({ data }) => data.map((record) => ({ data: record }))),
    postMap: postMap(({ postMapData }) => postMapData.map(() => ({}))),
    postSubmit: postSubmit(({ responseData }) => responseData),
    postResponseMap: postResponseMap(({ postResponseMapData }) => postResponseMapData),
    postAggregate: postAggregate(() => undefined),
    formInit: formInit(({ resource }) => resource),
    preSave: preSave(({ newResource }) => newResource),
    step: step(async () => undefined),
    initChild: initChild(() => ({ name: 'child', installSteps: [] })),
    update: update(() => undefined),
    changeEdition: changeEdition(({ fromEdition, toEdition }) => void [fromEdition, toEdition]),
    ping: ping(() => ({ statusCode: 401, errors: [error] })),
    export: exportPages(() => ({ data: [], lastPage: true })),
    import: importPage(({ postMapData }) => postMapData.map(() => ({ statusCode: 200 as const }))),
  }

  it.each(Object.keys(hooks) as (keyof HookInputs)[])(
    '%s runs on its documented input',
    async (kind) => {
      const hook = hooks[kind]
      expect(hook.kind).toBe(kind)
      expect(hook.name).toBe(kind)
      const result = await createHookHost(defineExtension({ diy: hooks })).invoke({
        diy: true,
        function: kind,
        options: hookFixture(kind),
      })
      expect(result).toMatchObject({ ok: true, report: { kind } })
    },
  )

  it('are plain functions too, callable in a test of their own', async () => {
    const context = { functionName: 'f' } as HookContext
    expect(await hooks.preMap({ data: [1] }, context)).toEqual([{ data: 1 }])
  })

  it.each<[unknown, string]>([
    [undefined, 'preMap needs a function, { handle } or { each }; received undefined'],
    [null, 'received null'],
    [{}, 'received an object without them'],
    [{ handle: 5 }, 'received number instead of a function'],
    [{ handle: () => [], each: () => skip() }, 'received both handle and each'],
    [
      { handle: () => [], record: z.object({}) },
      'the option record checks single records, so it needs each',
    ],
    [{ each: () => skip(), record: {} }, 'the option record must be a Standard Schema'],
    [
      { each: () => skip(), concurrency: 0 },
      'the option concurrency must be a positive integer; received 0',
    ],
    [
      { each: () => skip(), timeoutMs: Number.NaN },
      'preMap: the option timeoutMs must be a number from 1 to 2147483647; received NaN',
    ],
  ])('refuse %j at once', (hook, message) => {
    expect(() => preMap(hook as never)).toThrow(message)
  })

  it('offer record mode to page functions only', () => {
    expect(() => ping({ each: () => skip() } as never)).toThrow(
      'ping needs a function or { handle }; received an object without them',
    )
  })
})

describe('the types', () => {
  it('follow the record type from input to output', () => {
    preMap<Order>(({ data }, context) => {
      expectTypeOf(data).toEqualTypeOf<Order[]>()
      expectTypeOf(context).toEqualTypeOf<HookContext>()
      return []
    })
    const typed = preMap<Order, { sum: number }>({
      each: (order, context) => {
        expectTypeOf(order).toEqualTypeOf<Order>()
        expectTypeOf(context).toEqualTypeOf<RecordContext<PreMapInput<Order>>>()
        return order.total > 0 ? keep({ sum: order.total }) : fail('empty')
      },
    })
    expectTypeOf(typed).returns.resolves.toEqualTypeOf<MapResult<{ sum: number }>[]>()
    expectTypeOf<Parameters<typeof typed>[0]>().toEqualTypeOf<PreMapInput<Order>>()
  })

  it('infer the record from a schema', () => {
    preMap({
      record: z.object({ total: z.coerce.number() }),
      each: (order) => {
        expectTypeOf(order).toEqualTypeOf<{ total: number }>()
        return keep(order)
      },
    })
  })

  it('carry the state of an export from turn to turn', () => {
    exportPages<Order, { cursor: string }>(({ state }) => {
      expectTypeOf(state).toEqualTypeOf<{ cursor: string } | undefined>()
      return { data: [], state: { cursor: 'next' } }
    })
    expectTypeOf<ExportInput['type']>().toEqualTypeOf<
      'all' | 'delta' | 'once' | 'test' | undefined
    >()
  })

  it('refuse outputs the platform would refuse', () => {
    // @ts-expect-error: 401 needs errors
    ping(() => ({ statusCode: 401 }))
    // @ts-expect-error: an import answers 200, 401 or 422
    importPage(() => [{ statusCode: 500 }])
    // @ts-expect-error: a page answers an array
    preMap(() => ({}))
    // @ts-expect-error: a form is an object
    formInit(() => 'form')
    expectTypeOf<ImportResult['statusCode']>().toEqualTypeOf<200 | 401 | 422>()
    expectTypeOf<SubmitResponse['ignored']>().toEqualTypeOf<boolean | undefined>()
  })
})

describe('record schemas', () => {
  const asynchronous = z
    .object({ total: z.number() })
    .refine(async ({ total }) => total < 100, 'too much')

  it('give each what they return, and fail a refused record alone, with the place', async () => {
    const tidy = preMap({
      record: z.object({ total: z.coerce.number() }),
      each: (order) => keep(order),
    })
    expect(
      await runHook(tidy, { data: [{ total: '5' }, { total: 'x' }, {}] as never[] }),
    ).toMatchObject({
      ok: true,
      value: [
        { data: { total: 5 } },
        {
          errors: [
            {
              code: 'invalid_record',
              message: expect.stringMatching(/^Record 1 is invalid: total: /) as string,
            },
          ],
        },
        { errors: [{ code: 'invalid_record' }] },
      ],
    })
  })

  it('may be asynchronous, and may throw', async () => {
    const checked = preMap({ record: asynchronous, each: (order) => keep(order) })
    expect(await runHook(checked, { data: [{ total: 1 }, { total: 500 }] })).toMatchObject({
      value: [
        { data: { total: 1 } },
        { errors: [{ message: expect.stringContaining('too much') as string }] },
      ],
    })
    const throwing = {
      '~standard': {
        version: 1 as const,
        vendor: 'test',
        validate: () => {
          throw new Error('broken schema')
        },
      },
    }
    expect(
      await runHook(preMap({ record: throwing, each: () => skip() }), { data: [1] as never[] }),
    ).toMatchObject({ value: [{ errors: [{ message: 'broken schema' }] }] })
  })
})

describe('record mode of', () => {
  const three = ['keep', 'skip', 'fail']
  const decide = (what: string) =>
    what === 'keep'
      ? keep(what, { errors: [{ code: 'note', message: 'seen' }] })
      : what === 'skip'
        ? skip()
        : fail({ code: 'bad', message: 'no', source: 'me' })
  const note = [{ code: 'note', message: 'seen' }]
  const bad = [{ code: 'bad', message: 'no', source: 'me' }]

  it('postMap answers data, nothing, or errors', async () => {
    const run = await runHook(postMap<string>({ each: decide }), {
      preMapData: [],
      postMapData: three,
    })
    expect(run).toMatchObject({ value: [{ data: 'keep', errors: note }, {}, { errors: bad }] })
  })

  it('preSavePage lets a failed record leave the page and wait for its retry', async () => {
    const run = await runHook(preSavePage<string>({ each: decide }), { data: three, errors: [] })
    expect(run).toMatchObject({
      value: {
        data: ['keep'],
        errors: [],
        abort: false,
        newErrorsAndRetryData: [
          { retryData: 'keep', errors: note },
          { retryData: 'fail', errors: bad },
        ],
      },
      report: { records: { in: 3, kept: 1, skipped: 0, failed: 2 } },
    })
  })

  it('postSubmit turns a failed record into a data error and leaves skipped ones alone', async () => {
    const responseData = [
      { statusCode: 200, id: 'keep' },
      { statusCode: 200, id: 'skip' },
      { statusCode: 200, id: 'fail' },
      { statusCode: 403, id: 'fail', errors: note },
    ]
    const hook = postSubmit({
      each: (response) => {
        const decision = decide(response.id ?? '')
        return decision.outcome === 'keep' ? keep({ ...response, _json: 1 }) : decision
      },
    })
    expect(await runHook(hook, { preMapData: [], postMapData: [], responseData })).toMatchObject({
      value: [
        { statusCode: 200, id: 'keep', _json: 1 },
        responseData[1],
        { statusCode: 422, errors: bad },
        { statusCode: 403, errors: [...note, ...bad] },
      ],
    })
  })

  it('postResponseMap fails the page with one error a failed record, because the wire has no place for them', async () => {
    const input = { postResponseMapData: three, responseData: [] }
    expect(await runHook(postResponseMap<string>({ each: decide }), input)).toMatchObject({
      ok: false,
      errors: [
        { code: 'note', message: 'Record 0: seen' },
        { code: 'bad', message: 'Record 2: no' },
      ],
    })
    const kept = postResponseMap<string>({
      each: (record) => (record === 'skip' ? skip() : keep(record.toUpperCase())),
    })
    expect(await runHook(kept, input)).toMatchObject({ value: ['KEEP', 'skip', 'FAIL'] })
  })

  it('import answers one result a record', async () => {
    const hook = importPage<string>({
      each: (record) => {
        const decision = decide(record)
        return decision.outcome === 'keep'
          ? keep({ statusCode: 200, id: record }, { errors: note })
          : decision
      },
    })
    expect(await runHook(hook, hookFixture('import', { postMapData: three }))).toMatchObject({
      value: [
        { statusCode: 200, id: 'keep', errors: note },
        { statusCode: 200, ignored: true },
        { statusCode: 422, errors: bad },
      ],
    })
  })

  it('an empty page answers an empty page', async () => {
    expect(await runHook(preMap({ each: () => skip() }), { data: [] })).toMatchObject({
      ok: true,
      value: [],
    })
  })
})
