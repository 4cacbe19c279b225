import { defineExtension } from '../define-extension.ts'
import { exportPages, ping, preMap } from '../hook-builders.ts'
import { fail, keep, skip } from '../record-outcome.ts'

type Callback = (error?: unknown, result?: unknown) => void

class Greeter {
  prefix = 'hello '
  greet(options: { name: string }, callback: Callback): void {
    callback(null, this.prefix + options.name)
  }
}

/** The functions that the contract of the doors calls. A module of its own, so that worker threads can load it. */
export const contractExtension = defineExtension({
  diy: {
    hooks: {
      echo: (options: unknown, callback: Callback) => callback(null, options),
      promise: async (options: unknown) => options,
      plain: (options: { data: unknown[] }) => options.data.length,
      twice: (_options: unknown, callback: Callback) => {
        callback(null, 'first')
        callback(null, 'second')
      },
      never: (_options: unknown, _callback: Callback) => undefined,
      throws: () => {
        throw Object.assign(new Error('thrown'), { code: 'my_code' })
      },
      rejects: async () => {
        throw new RangeError('rejected')
      },
      failsWithText: (_options: unknown, callback: Callback) => callback('only a text'),
      date: () => ({ at: [new Date(0)] }),
      cycle: () => {
        const cycle: Record<string, unknown> = {}
        cycle.self = cycle
        return cycle
      },
      text: 'not a function',
      tidy: preMap<{ id: string; total: number }>({
        each: (record) => {
          if (record.id === 'throw') throw new Error('bad record')
          if (record.id === 'fail') return fail({ code: 'no_total', message: 'total is missing' })
          return record.total > 0 ? keep({ total: record.total * 2 }) : skip()
        },
      }),
      short: preMap(({ data }) => data.slice(1).map((record) => ({ data: record }))),
      greeter: new Greeter(),
    },
    classes: new Greeter(),
    wrappers: {
      ping: ping(({ connection }) =>
        connection.encrypted
          ? { statusCode: 200 }
          : { statusCode: 401, errors: [{ code: 'no_token', message: 'Reconnect.' }] },
      ),
      count: exportPages<number, { page: number }>(({ state }) => {
        const page = (state?.page ?? 0) + 1
        return { data: [page], state: { page }, lastPage: page === 3 }
      }),
    },
    flat: (options: unknown, callback: Callback) => callback(null, options),
  },
})

export { contractExtension as default }
