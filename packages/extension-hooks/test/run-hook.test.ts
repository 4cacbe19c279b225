import { describe, expect, expectTypeOf, it } from 'vitest'
import { exportPages, keep, preMap } from '../src/index.ts'
import { ExportRunError, hookFixture, runExport, runHook } from '../src/testing/index.ts'

describe('runHook', () => {
  it('gives back the typed output of a tagged function', async () => {
    const double = preMap<{ total: number }, { total: number }>({
      each: ({ total }) => keep({ total: total * 2 }),
    })
    const run = await runHook(double, { data: [{ total: 2 }] })
    expect(run).toMatchObject({ ok: true, value: [{ data: { total: 4 } }] })
    if (run.ok) expectTypeOf(run.value[0]?.data).toEqualTypeOf<{ total: number } | undefined>()
  })

  it('checks the output as a host does', async () => {
    const wrong = preMap(() => [])
    expect(await runHook(wrong, hookFixture('preMap'))).toMatchObject({
      ok: false,
      errors: [{ code: 'invalid_hook_response' }],
    })
  })

  it('runs an untagged callback function with its object as this', async () => {
    const module = { factor: 3, triple: undefined }
    function triple(
      this: typeof module,
      options: { n: number },
      callback: (error: unknown, result?: number) => void,
    ) {
      callback(null, options.n * this.factor)
    }
    expect(await runHook(triple, { n: 2 }, { self: module })).toMatchObject({ ok: true, value: 6 })
  })
})

describe('hookFixture', () => {
  it('keeps the types of your fields, and has records of its own', async () => {
    const each = ({ sku }: { sku: string }) => keep({ sku: sku.toLowerCase() })
    const lower = preMap<{ sku: string }>({ each })
    const input = hookFixture('preMap', { data: [{ sku: 'A' }] })
    expectTypeOf(input.data).toEqualTypeOf<{ sku: string }[]>()
    expectTypeOf(input._importId).toEqualTypeOf<string>()
    expect(await runHook(lower, input)).toMatchObject({ value: [{ data: { sku: 'a' } }] })
    expectTypeOf(hookFixture('preMap').data).toEqualTypeOf<{ id: string; total: number }[]>()
    // @ts-expect-error a function of other records
    void runHook(lower, hookFixture('preMap', { data: [{ sku: 1 }] }))
    // @ts-expect-error a member that no input has
    hookFixture('preMap', { dta: [] })
    // @ts-expect-error a member of another type
    hookFixture('preMap', { data: 'text' })
  })
})

describe('runExport', () => {
  const input = hookFixture('export')
  const pages = (last: number) =>
    exportPages<number, number>(({ state = 0 }) => ({
      data: [state % 3],
      state: state + 1,
      lastPage: state + 1 === last,
    }))

  it('hands the state back until the last page and counts duplicates', async () => {
    expect(await runExport(pages(5), { ...input, state: 0 })).toEqual({
      records: [0, 1, 2, 0, 1],
      errors: [],
      pages: 5,
      duplicates: 2,
      connectionOffline: false,
    })
  })

  it('stops when the connection is offline', async () => {
    const offline = exportPages(() => ({ data: [], connectionOffline: true }))
    expect(await runExport(offline, input)).toMatchObject({ pages: 1, connectionOffline: true })
  })

  it('fails at the second identical answer and says why', async () => {
    let turn = 0
    const stuck = (
      _options: unknown,
      callback: (error: unknown, result: { data: number[]; state: number }) => void,
    ) => callback(null, { data: [1], state: ++turn > 0 ? 7 : 0 })
    const error: unknown = await runExport(stuck, input).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ExportRunError)
    expect((error as Error).message).toMatch(/same answer twice/)
    expect((error as ExportRunError).page).toBe(1)
  })

  it('fails when the state does not move, page by page', async () => {
    let turn = 0
    const still = (
      _options: unknown,
      callback: (error: unknown, result: { data: number[] }) => void,
    ) => callback(null, { data: [turn++] })
    await expect(runExport(still, input)).rejects.toThrow('The state did not move')
    await expect(
      runExport(
        exportPages(() => ({ data: [1] })),
        input,
      ),
    ).rejects.toThrow('invalid_hook_response')
  })

  it('gives up after maxPages', async () => {
    await expect(runExport(pages(-1), { ...input, state: 0 }, { maxPages: 4 })).rejects.toThrow(
      'did not end within 4 pages',
    )
  })
})
