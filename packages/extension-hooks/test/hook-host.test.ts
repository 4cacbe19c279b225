import { describe, expect, it } from 'vitest'
import {
  createHookHost,
  defineExtension,
  fail,
  keep,
  postSubmit,
  preMap,
  skip,
} from '../src/index.ts'

interface Order {
  total: number
}

const extension = defineExtension({
  diy: {
    hooks: {
      tidy: preMap<Order>({
        each: (order) => {
          if (order.total < 0) throw new Error('negative')
          return order.total === 0 ? skip() : keep({ total: order.total * 2 })
        },
      }),
      short: preMap(({ data }) => data.slice(1).map((record) => ({ data: record }))),
      links: postSubmit({
        each: (response) => (response.id ? keep({ ...response, _json: 1 }) : fail('no id')),
      }),
      old: (options: { data: unknown[] }, callback: (error: unknown, result: unknown) => void) => {
        callback(null, options.data)
      },
    },
  },
})
const call = (name: string, options: unknown) => ({
  diy: true,
  type: 'hook',
  function: name,
  options,
})

describe('createHookHost', () => {
  it('runs a page one record at a time, and a throw fails its record only', async () => {
    const host = createHookHost(extension)
    const result = await host.invoke(
      call('tidy', { data: [{ total: 1 }, { total: 0 }, { total: -1 }] }),
    )
    expect(result).toMatchObject({
      ok: true,
      value: [{ data: { total: 2 } }, {}, { errors: [{ code: 'Error', message: 'negative' }] }],
      report: { records: { in: 3, kept: 1, skipped: 1, failed: 1 }, kind: 'preMap' },
    })
  })

  it('answers invalid_hook_response with the index when a page has the wrong length', async () => {
    const host = createHookHost(extension)
    const result = await host.invoke(call('short', { data: [1, 2, 3] }))
    expect(result).toMatchObject({
      ok: false,
      status: 422,
      errors: [
        {
          code: 'invalid_hook_response',
          message: 'preMap returned 2 elements for 3 records (first missing: index 2)',
        },
      ],
    })
  })

  it('still calls an untagged callback function', async () => {
    const host = createHookHost(extension)
    expect(await host.invoke(call('old', { data: [1] }))).toMatchObject({ ok: true, json: '[1]' })
  })
})
