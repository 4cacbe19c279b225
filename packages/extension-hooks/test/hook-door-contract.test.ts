import { createServer } from 'node:http'
import { describe, expect, it } from 'vitest'
import { createExpressExtension, createHandler, Extension } from '../src/compat/index.ts'
import { createHookFetchHandler, startHookServer } from '../src/http/index.ts'
import { createHookHost } from '../src/index.ts'
import { createLambdaHandler } from '../src/lambda/index.ts'
import {
  type DoorAnswer,
  type DoorSetup,
  type HookDoor,
  hookDoorContract,
} from '../src/testing/index.ts'
import { createWorkerHookHost } from '../src/worker/index.ts'

const TOKEN = '5f0c1d7be2a94c6d8b3e'
const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }
const hostOf = ({ extension, timeoutMs, graceMs }: DoorSetup) =>
  createHookHost(extension, { timeoutMs, graceMs })

async function read(response: Response): Promise<DoorAnswer> {
  const body = (await response.json()) as never
  return response.status === 200
    ? { ok: true, value: body }
    : { ok: false, ...(body as { errors: [] }) }
}
const overHttp = (url: string, close: () => Promise<void>): HookDoor => ({
  call: async (call) =>
    read(await fetch(`${url}/function`, { method: 'POST', headers, body: JSON.stringify(call) })),
  close,
})
const parseFailure = (thrown: unknown): DoorAnswer => ({
  ok: false,
  errors: (JSON.parse(thrown as string) as { errors: [] }).errors,
})

const doors: Record<string, (setup: DoorSetup) => HookDoor | Promise<HookDoor>> = {
  'the host itself': (setup) => {
    const host = hostOf(setup)
    return { call: (call) => host.invoke(call), close: () => host.close() }
  },
  '/http on node:http': async (setup) => {
    const server = await startHookServer(hostOf(setup), { tokens: TOKEN })
    return overHttp(server.url, () => server.close())
  },
  '/http on Request and Response': (setup) => {
    const handle = createHookFetchHandler(hostOf(setup), { tokens: TOKEN })
    const request = (call: object) =>
      new Request('http://host/function', { method: 'POST', headers, body: JSON.stringify(call) })
    return { call: async (call) => read(await handle(request(call))), close: async () => undefined }
  },
  '/lambda': (setup) => {
    const handler = createLambdaHandler(hostOf(setup))
    return {
      call: ({ options, ...clientContext }) =>
        handler(options, { clientContext }).then((value) => ({ ok: true, value }), parseFailure),
      close: async () => undefined,
    }
  },
  '/worker': async ({ module, timeoutMs, graceMs }) => {
    const host = await createWorkerHookHost(module, {
      size: 2,
      timeoutMs,
      graceMs,
      execArgv: ['--conditions=@mortise/source'],
    })
    return { call: (call) => host.invoke(call), close: () => host.close() }
  },
  '/compat over HTTP': async ({ extension, timeoutMs, graceMs }) => {
    const probe = createServer().listen(0)
    await new Promise((resolve) => probe.once('listening', resolve))
    const { port } = probe.address() as { port: number }
    await new Promise((resolve) => probe.close(resolve))
    const express = createExpressExtension()
    await new Promise((resolve) =>
      express.createServer(
        {
          ...extension,
          systemToken: TOKEN,
          port,
          hostname: '127.0.0.1',
          limits: { timeoutMs, graceMs },
        } as never,
        resolve,
      ),
    )
    return overHttp(
      `http://127.0.0.1:${port}`,
      () => new Promise((resolve) => express.stopServer(() => resolve())),
    )
  },
  '/compat on Lambda': ({ extension, timeoutMs, graceMs }) => {
    const handler = createHandler({ ...extension, limits: { timeoutMs, graceMs } } as never)
    return {
      call: ({ options, ...clientContext }) =>
        new Promise((resolve) =>
          handler(options, { clientContext }, (error, value) =>
            resolve(error ? parseFailure(error) : { ok: true, value }),
          ),
        ),
      close: async () => undefined,
    }
  },
  '/compat by callFunction': ({ extension, timeoutMs, graceMs }) => {
    const compat = new Extension()
    compat.loadConfiguration(
      { ...extension, limits: { timeoutMs, graceMs } } as never,
      () => undefined,
    )
    return {
      call: ({ options, ...call }) =>
        new Promise((resolve) =>
          compat.callFunction(options, call, (error, value) =>
            resolve(
              error ? { ok: false, errors: (error as { errors: [] }).errors } : { ok: true, value },
            ),
          ),
        ),
      close: async () => undefined,
    }
  },
}

for (const [name, create] of Object.entries(doors)) {
  describe(`the contract of the doors, ${name}`, () => {
    for (const check of hookDoorContract({ create })) it(check.name, check.run)
  })
}

describe('the contract of the doors fails a door that', () => {
  type Break = (call: HookDoor['call']) => HookDoor['call']
  const failures = async (breakIt: Break) => {
    const create = (setup: DoorSetup): HookDoor => {
      const host = hostOf(setup)
      return { call: breakIt((call) => host.invoke(call)), close: () => host.close() }
    }
    const failed: string[] = []
    for (const check of hookDoorContract({ create }))
      await check.run().catch(() => failed.push(check.name))
    return failed
  }

  it('is sound: nothing', async () => {
    expect(await failures((call) => call)).toEqual([])
  })

  it.each<[string, Break, string]>([
    [
      'answers failures as results',
      (call) => async (request) => ({ ok: true, value: await call(request) }),
      'a throw and a rejection',
    ],
    [
      'loses messages',
      (call) => async (request) => {
        const answer = await call(request)
        return answer.ok
          ? answer
          : { ok: false, errors: answer.errors.map(({ code }) => ({ code })) }
      },
      'a function that never answers',
    ],
    [
      'reports the first problem only',
      (call) => async (request) => {
        const answer = await call(request)
        return answer.ok ? answer : { ok: false, errors: answer.errors.slice(0, 1) }
      },
      'every problem of a call',
    ],
    [
      'drops the limit of the call',
      (call) =>
        ({ maxResponseSize: _, ...request }) =>
          call(request),
      'the limit of a call',
    ],
    [
      'loses the group',
      (call) =>
        ({ type: _, ...request }) =>
          call(request),
      'groups, flat functions',
    ],
    [
      'copies options member by member',
      (call) => (request) => {
        const options: Record<string, unknown> = {}
        if (typeof request.options !== 'object') return call(request)
        for (const [key, member] of Object.entries(request.options as object)) options[key] = member
        return call({ ...request, options })
      },
      'members named __proto__',
    ],
    [
      'mixes answers up',
      (call) => {
        let last: Promise<DoorAnswer> | undefined
        return (request) => {
          const current = call(request)
          const answer = last ?? current
          last = current
          return answer
        }
      },
      'many calls at once',
    ],
  ])('%s', async (_name, breakIt, expected) => {
    expect((await failures(breakIt)).join('\n')).toContain(expected)
  })
})
