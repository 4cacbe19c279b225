import { AuthError, RateLimitError } from '@mortise/errors'
import { describe, expect, it } from 'vitest'
import {
  createHookHost,
  currentHookContext,
  defineExtension,
  type HookContext,
  type HookHostOptions,
  keep,
  preMap,
  preSavePage,
  step,
} from '../src/index.ts'

type Callback = (error?: unknown, result?: unknown) => void
const wait = (ms: number, signal?: AbortSignal) =>
  new Promise<void>((resolve, reject) => {
    const timer = setTimeout(resolve, ms)
    signal?.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(signal.reason)
    })
  })
const hostWith = (f: unknown, options: HookHostOptions = {}) =>
  createHookHost({ diy: { f } }, { timeoutMs: 60, graceMs: 30, ...options })
const call = (options: unknown = { data: [] }, more: object = {}) => ({
  diy: true,
  function: 'f',
  options,
  ...more,
})

describe('createHookHost', () => {
  it.each<[HookHostOptions, string]>([
    [{ timeoutMs: 0 }, 'timeoutMs must be a number from 1 to'],
    [
      { timeoutMs: 2 ** 31 },
      'timeoutMs must be a number from 1 to 2147483647; received 2147483648',
    ],
    [{ graceMs: -1 }, 'graceMs must be'],
    [{ maxResponseBytes: Number.NaN }, 'maxResponseBytes must be'],
    [{ concurrency: 0 }, 'concurrency must be'],
    [{ json: 'loose' as 'strict' }, "json must be 'strict' or 'lossy'"],
  ])('refuses %j at once', (options, message) => {
    expect(() => createHookHost({ diy: {} }, options)).toThrow(message)
  })

  it.each([
    [undefined],
    [{}],
    [{ diy: {}, connectors: { a: {} } }],
    [{ diy: 5 }],
    [{ connectors: {} }],
    [{ connectors: { a: 1 } }],
  ])('refuses the extension %j at once', (extension) => {
    expect(() => defineExtension(extension as never)).toThrow(TypeError)
  })

  it('keeps two hosts apart', async () => {
    const first = hostWith(() => 1)
    const second = createHookHost({ connectors: { c: { f: () => 2 } } })
    expect(await first.invoke(call())).toMatchObject({ ok: true, value: 1 })
    expect(await second.invoke({ _connectorId: 'c', function: 'f', options: {} })).toMatchObject({
      ok: true,
      value: 2,
    })
    expect(await second.invoke(call())).toMatchObject({
      ok: false,
      errors: [{ code: 'missing_required_field' }],
    })
  })

  it('calls tagged functions only when told so', async () => {
    const host = hostWith((_options: unknown, done: Callback) => done(), { onlyTagged: true })
    expect(await host.invoke(call())).toMatchObject({
      ok: false,
      errors: [{ code: 'invalid_function' }],
    })
  })

  it('lets the code of an integration error, its kind and its wait through, and never a stack', async () => {
    const host = hostWith(() => {
      throw new RateLimitError('slow down', { retryAfterMs: 5000 })
    })
    const result = await host.invoke(call())
    expect(result).toMatchObject({
      errors: [
        { code: 'RATE_LIMITED', message: 'slow down', kind: 'rate_limit', retryAfterMs: 5000 },
      ],
    })
    expect(JSON.stringify(result)).not.toContain('.test.ts')
  })

  it.each([
    [undefined, 'The function failed with undefined.'],
    [null, 'The function failed with null.'],
    ['', 'The function failed with an empty text.'],
    [{}, 'The function failed without a message.'],
    [5, 'The function failed with 5.'],
    [
      new Proxy(
        {},
        {
          get: () => {
            throw new Error('trap')
          },
        },
      ),
      'The function failed with an unreadable error.',
    ],
  ])('gives what was thrown a code and a message', async (thrown, message) => {
    const host = hostWith(() => {
      throw thrown
    })
    expect(await host.invoke(call())).toMatchObject({
      errors: [{ code: 'function_error', message }],
    })
  })

  it('cuts long messages', async () => {
    const host = hostWith(() => {
      throw new Error('x'.repeat(1e6))
    })
    expect(JSON.stringify(await host.invoke(call())).length).toBeLessThan(10_000)
  })

  it('gives Dates to a delta export and refuses what is none', async () => {
    const host = hostWith(
      preSavePage(({ data, lastExportDateTime }) => ({
        data: [...data, lastExportDateTime?.toISOString()],
      })),
    )
    const ask = (lastExportDateTime: unknown) => host.invoke(call({ data: [], lastExportDateTime }))
    expect(await ask('2026-01-02T03:04:05.000Z')).toMatchObject({
      value: { data: ['2026-01-02T03:04:05.000Z'] },
    })
    expect(await ask('yesterday')).toMatchObject({
      errors: [{ code: 'invalid_field', message: 'options.lastExportDateTime is not a date' }],
    })
  })

  it('lets nobody raise the limit of an answer', async () => {
    const host = hostWith(() => 'x'.repeat(100), { maxResponseBytes: 50 })
    for (const maxResponseSize of [undefined, 0, -1, 'abc', 1e9, Number.NaN]) {
      expect(
        await host.invoke(call({}, { maxResponseSize }), { maxResponseBytes: 1e9 }),
      ).toMatchObject({
        errors: [{ message: 'response stream exceeded limit of 50 bytes.' }],
      })
    }
    expect(await host.invoke(call(), { maxResponseBytes: 10 })).toMatchObject({
      errors: [{ message: 'response stream exceeded limit of 10 bytes.' }],
    })
  })
})

describe('the time limit', () => {
  it('fires the signal, waits for the grace, and answers function_timeout', async () => {
    let aborted: unknown
    const host = hostWith(
      step(async (_input, { signal }) => {
        signal.addEventListener('abort', () => {
          aborted = signal.reason
        })
        await wait(10_000, signal)
      }),
    )
    const result = await host.invoke(call())
    expect(result).toMatchObject({
      ok: false,
      status: 422,
      errors: [
        { code: 'function_timeout', message: 'The function exceeded its time limit of 60 ms.' },
      ],
    })
    expect(aborted).toMatchObject({ code: 'function_timeout', kind: 'transient' })
  })

  it('counts a result that still comes within the grace, because its work is done', async () => {
    const host = hostWith(
      step(async (_input, { signal }) => {
        await wait(10_000, signal).catch(() => undefined)
      }),
    )
    expect(await host.invoke(call())).toMatchObject({ ok: true })
  })

  it('does not wait longer than the grace, and knows what it abandoned', async () => {
    let release = (): void => undefined
    const host = hostWith((_options: unknown, done: Callback) => {
      release = () => done(null, 'too late')
    })
    expect(await host.invoke(call())).toMatchObject({ errors: [{ code: 'function_timeout' }] })
    expect(host.stats()).toMatchObject({ active: 0, abandoned: 1 })
    release()
    await wait(1)
    expect(host.stats().abandoned).toBe(0)
  })

  it("is the function's own where it has one, and a caller can only lower it", async () => {
    const slow = step({ timeoutMs: 20, handle: (_input, { signal }) => wait(10_000, signal) })
    expect(await hostWith(slow, { timeoutMs: 10_000 }).invoke(call())).toMatchObject({
      errors: [{ message: expect.stringContaining('20 ms') as string }],
    })
    const lowered = hostWith(step((_input, { signal }) => wait(10_000, signal)))
    expect(await lowered.invoke(call(), { timeoutMs: 15 })).toMatchObject({
      errors: [{ message: expect.stringContaining('15 ms') as string }],
    })
    expect(await lowered.invoke(call(), { timeoutMs: 1e6 })).toMatchObject({
      errors: [{ message: expect.stringContaining('60 ms') as string }],
    })
  })

  it('answers the finished records of a page and a retryable error for the rest', async () => {
    const host = hostWith(
      preMap<number>({
        each: async (record, { signal }) => {
          if (record > 1) await wait(10_000, signal)
          return keep(record)
        },
      }),
    )
    expect(await host.invoke(call({ data: [0, 1, 2, 3] }))).toMatchObject({
      ok: true,
      value: [
        { data: 0 },
        { data: 1 },
        ...Array.from({ length: 2 }, () => ({
          errors: [{ code: 'function_timeout', kind: 'transient' }],
        })),
      ],
      report: { overtime: true, records: { in: 4, kept: 2, failed: 2 } },
    })
  })

  it('answers what a page function left with reportPartial, checked like any other answer', async () => {
    const host = hostWith(
      preMap<number>(async ({ data }, context) => {
        context.reportPartial(data.map((record) => ({ data: record })))
        await new Promise(() => undefined)
        return []
      }),
    )
    expect(await host.invoke(call({ data: [1] }))).toMatchObject({
      ok: true,
      value: [{ data: 1 }],
      report: { overtime: true },
    })
  })

  it('ends a call whose caller goes away', async () => {
    const host = hostWith(
      step((_input, { signal }) => wait(10_000, signal)),
      { timeoutMs: 10_000 },
    )
    expect(await host.invoke(call(), { signal: AbortSignal.timeout(10) })).toMatchObject({
      errors: [{ code: 'call_aborted' }],
    })
    expect(await host.invoke(call(), { signal: AbortSignal.abort() })).toMatchObject({
      errors: [{ code: 'call_aborted' }],
    })
  })
})

describe('the queue', () => {
  const blocked = (options: HookHostOptions) => {
    const releases: (() => void)[] = []
    const host = hostWith(
      (_options: unknown, done: Callback) => void releases.push(() => done(null, releases.length)),
      { timeoutMs: 5_000, ...options },
    )
    return { host, releases }
  }

  it('runs so many at once, lets so many wait in order, and refuses the rest with 503', async () => {
    const { host, releases } = blocked({ concurrency: 1, maxQueued: 1 })
    const [first, second, third] = [host.invoke(call()), host.invoke(call()), host.invoke(call())]
    expect(await third).toMatchObject({
      ok: false,
      status: 503,
      retryAfterMs: 1000,
      errors: [{ code: 'host_busy' }],
    })
    expect(host.stats()).toMatchObject({ active: 1, queued: 1 })
    releases[0]?.()
    expect(await first).toMatchObject({ ok: true })
    await wait(1)
    releases[1]?.()
    expect(await second).toMatchObject({ ok: true })
    expect(host.stats()).toMatchObject({ active: 0, queued: 0 })
  })

  it('refuses a call that waited too long or whose caller left, and forgets it', async () => {
    const { host, releases } = blocked({ concurrency: 1, maxWaitMs: 20 })
    const first = host.invoke(call())
    expect(await host.invoke(call())).toMatchObject({ status: 503 })
    expect(await host.invoke(call(), { signal: AbortSignal.timeout(5) })).toMatchObject({
      errors: [{ code: 'call_aborted' }],
    })
    expect(host.stats().queued).toBe(0)
    releases[0]?.()
    await first
  })

  it('closes after the running calls, refuses new ones, and cuts what takes too long', async () => {
    const { host, releases } = blocked({})
    const running = host.invoke(call())
    const closing = host.close()
    expect(await host.invoke(call())).toMatchObject({
      status: 503,
      errors: [{ code: 'host_closing' }],
    })
    releases[0]?.()
    await closing
    expect(await running).toMatchObject({ ok: true })
    await host.close()
    const stuck = blocked({})
    const never = stuck.host.invoke(call())
    await stuck.host.close({ deadlineMs: 10 })
    expect(await never).toMatchObject({ errors: [{ code: 'call_aborted' }] })
  })
})

describe('the context', () => {
  it('is the second argument and follows the call, however deep', async () => {
    const seen: (HookContext | undefined)[] = []
    const host = hostWith(
      step(async (_input, context) => {
        await wait(1)
        seen.push(context, currentHookContext())
      }),
    )
    await host.invoke(call({}, { _reqId: 'r1', traceId: 't0' }), {
      traceId: 't1',
      traceparent: '00-a-b-01',
    })
    expect(seen[0]).toBe(seen[1])
    expect(seen[0]).toMatchObject({
      functionName: 'f',
      kind: 'step',
      requestId: 'r1',
      traceId: 't1',
      traceparent: '00-a-b-01',
    })
    expect(seen[0]?.remainingMs()).toBeGreaterThanOrEqual(0)
    expect(currentHookContext()).toBeUndefined()
  })

  it('keeps calls at once apart, for untagged functions too', async () => {
    const host = hostWith(async () => {
      const before = currentHookContext()?.requestId
      await wait(2)
      return [before, currentHookContext()?.requestId]
    })
    const results = await Promise.all(
      ['a', 'b', 'c'].map((_reqId) => host.invoke(call({}, { _reqId }))),
    )
    expect(results.map((result) => result.ok && result.value)).toEqual([
      ['a', 'a'],
      ['b', 'b'],
      ['c', 'c'],
    ])
  })
})

describe('the log', () => {
  const secrets = {
    bearerToken: 'SECRET-1',
    connection: { _id: 'c1', encrypted: { token: 'SECRET-2' } },
    license: 'SECRET-3',
    data: [{ email: 'SECRET-4' }],
  }

  it('holds one object a call with ids, times, sizes and counts, and no secret or record', async () => {
    const lines: [string, object][] = []
    const logger = {
      info: (fields: object) => void lines.push(['info', fields]),
      warn: (fields: object) => void lines.push(['warn', fields]),
    }
    const host = hostWith(
      preMap<{ email: string }>({ each: (record) => (record.email ? keep(record) : keep(record)) }),
      { logger },
    )
    await host.invoke(call({ ...secrets, _flowId: 'f1', _importId: 'i1' }))
    await host.invokeBytes(Buffer.from(JSON.stringify(call(secrets, { access_token: 'SECRET-5' }))))
    await host.invoke(call({ ...secrets, data: 'SECRET-6' }))
    await host.invoke(call(secrets, { function: 'x\nlogName=forged' }))
    expect(lines.map(([level]) => level)).toEqual(['info', 'info', 'warn', 'warn'])
    expect(lines[0]?.[1]).toMatchObject({
      event: 'hook-call',
      status: 200,
      function: 'f',
      kind: 'preMap',
      flowId: 'f1',
      importId: 'i1',
      connectionId: 'c1',
      records: { in: 1, kept: 1, skipped: 0, failed: 0 },
    })
    expect(lines[1]?.[1]).toMatchObject({ bytesIn: expect.any(Number) as number })
    expect(lines[2]?.[1]).toMatchObject({ status: 422, code: 'invalid_field' })
    expect(JSON.stringify(lines)).not.toMatch(/SECRET/)
  })

  it('warns once about a function that settles twice', async () => {
    const lines: object[] = []
    const logger = { info: () => undefined, warn: (fields: object) => void lines.push(fields) }
    const host = hostWith(
      (_options: unknown, done: Callback) => {
        done(null, 1)
        done(null, 2)
        done(null, 3)
      },
      { logger },
    )
    await host.invoke(call())
    expect(lines).toMatchObject([{ event: 'hook-late-settlement', function: 'f' }])
  })

  it('cannot break an answer', async () => {
    const broken = () => {
      throw new Error('logger down')
    }
    const host = hostWith(() => 1, { logger: { info: broken, warn: broken }, onCall: broken })
    expect(await host.invoke(call())).toMatchObject({ ok: true })
  })
})

describe('record mode', () => {
  it('keeps order with several records in the air, and never more than allowed', async () => {
    let active = 0
    let most = 0
    const host = hostWith(
      preMap<number>({
        concurrency: 3,
        each: async (record) => {
          most = Math.max(most, ++active)
          await wait(record % 3)
          active--
          return keep(record)
        },
      }),
      { timeoutMs: 5_000 },
    )
    const data = Array.from({ length: 20 }, (_, index) => index)
    expect(await host.invoke(call({ data }))).toMatchObject({
      value: data.map((record) => ({ data: record })),
    })
    expect(most).toBe(3)
  })

  it('answers an import with 401 when an AuthError was thrown', async () => {
    const { importPage } = await import('../src/index.ts')
    const host = hostWith(
      importPage<number>({
        each: (record) => {
          if (record === 1) throw new AuthError('expired')
          if (record === 2) throw new Error('other')
          return keep({ statusCode: 200, id: String(record) })
        },
      }),
    )
    expect(await host.invoke(call({ postMapData: [0, 1, 2], preMapData: [] }))).toMatchObject({
      value: [{ statusCode: 200, id: '0' }, { statusCode: 401 }, { statusCode: 422 }],
    })
  })

  it('fails a record alone that kept what is not plain JSON, unless the host is lossy', async () => {
    const each = (record: number) => keep({ record, ratio: record === 1 ? Number.NaN : 1 })
    const ask = (options: HookHostOptions) =>
      hostWith(preMap<number>({ each }), options).invoke(call({ data: [0, 1] }))
    expect(await ask({})).toMatchObject({
      value: [
        { data: { ratio: 1 } },
        {
          errors: [
            {
              code: 'invalid_hook_response',
              message: 'Record 1 kept what is not plain JSON: $.ratio is NaN',
            },
          ],
        },
      ],
    })
    expect(await ask({ json: 'lossy' })).toMatchObject({
      json: '[{"data":{"record":0,"ratio":1}},{"data":{"record":1,"ratio":null}}]',
    })
  })

  it('fails a record alone whose import result is none', async () => {
    const { importPage } = await import('../src/index.ts')
    const host = hostWith(
      importPage<number>({
        each: (record) => keep({ statusCode: (record === 1 ? 500 : 200) as 200 }),
      }),
    )
    expect(await host.invoke(call({ postMapData: [0, 1], preMapData: [] }))).toMatchObject({
      value: [
        { statusCode: 200 },
        {
          statusCode: 422,
          errors: [
            {
              message:
                'import returned the statusCode 500 at index 1; expected one of 200, 401, 422',
            },
          ],
        },
      ],
    })
  })

  it('stops at the deadline although each never waits', async () => {
    const host = hostWith(
      preMap<number>({
        each: (record) => {
          const until = performance.now() + 25
          while (performance.now() < until);
          return keep(record)
        },
      }),
    )
    const result = await host.invoke(call({ data: [0, 1, 2, 3, 4, 5, 6, 7] }))
    expect(result).toMatchObject({ ok: true, report: { records: { in: 8 } } })
    expect(result.report.records?.kept).toBeLessThan(8)
    expect(result.report.records?.failed).toBeGreaterThan(0)
  })

  it('turns anything but an outcome into the error of its record', async () => {
    const host = hostWith(
      preMap<number>({ each: (record) => (record === 0 ? (undefined as never) : keep(record)) }),
    )
    expect(await host.invoke(call({ data: [0, 1] }))).toMatchObject({
      value: [
        {
          errors: [
            {
              code: 'invalid_hook_response',
              message: 'each returned undefined; return keep(record), skip() or fail(error)',
            },
          ],
        },
        { data: 1 },
      ],
    })
  })
})

describe('objects that throw when they are read', () => {
  const trap = () => {
    throw new Error('trap')
  }
  const proxy = new Proxy(
    {},
    { get: trap, has: trap, ownKeys: trap, getOwnPropertyDescriptor: trap, getPrototypeOf: trap },
  )

  it('fail their call and nothing else, as call, options, module or result', async () => {
    const host = createHookHost({
      diy: {
        echo: (options: unknown) => options,
        page: preMap(() => proxy as never),
        get broken(): never {
          return trap()
        },
      },
    })
    const ask = (request: object) => host.invoke(request)
    expect(await ask(proxy)).toMatchObject({ ok: false, status: 422 })
    expect(await ask({ diy: true, function: 'echo', options: proxy })).toMatchObject({
      ok: false,
      status: 422,
    })
    expect(await ask({ diy: true, function: 'broken', options: {} })).toMatchObject({
      ok: false,
      errors: [{ message: 'trap' }],
    })
    const page = { diy: true, function: 'page', options: { data: [1] } }
    expect(await ask(page)).toMatchObject({ ok: false, status: 422 })
    expect(host.stats()).toMatchObject({ active: 0 })
    expect(await ask({ diy: true, function: 'echo', options: { a: 1 } })).toMatchObject({
      ok: true,
    })
  })
})
