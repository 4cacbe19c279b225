import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startHookServer } from '../src/http/index.ts'
import type { HookHost } from '../src/index.ts'
import { createWorkerHookHost, type WorkerHookHostOptions } from '../src/worker/index.ts'

const module = new URL('./fixtures/worker-extension.mjs', import.meta.url)
const create = (options: WorkerHookHostOptions = {}) =>
  createWorkerHookHost(module, {
    size: 2,
    timeoutMs: 300,
    graceMs: 50,
    killAfterMs: 100,
    maxHeapMb: 32,
    execArgv: ['--conditions=@mortise/source'],
    ...options,
  })
const call = (name: string, options: unknown = { a: 1 }) => ({
  diy: true,
  type: 'hook',
  function: name,
  options,
})

describe('createWorkerHookHost', () => {
  let host: HookHost
  beforeAll(async () => {
    host = await create()
  })
  afterAll(() => host.close())
  const stillWorks = async () =>
    expect(await host.invoke(call('echo'))).toMatchObject({ ok: true, value: { a: 1 } })

  it('answers like the host in the same thread', async () => {
    await stillWorks()
    expect(await host.invoke(call('missing'))).toMatchObject({
      ok: false,
      status: 422,
      errors: [{ code: 'invalid_function' }],
    })
    expect(await host.invokeBytes(Buffer.from('{'))).toMatchObject({ status: 400 })
  })

  it('ends an endless loop at its time limit', async () => {
    expect(await host.invoke(call('loop'))).toMatchObject({
      ok: false,
      status: 422,
      errors: [{ code: 'function_timeout' }],
    })
    await stillWorks()
  })

  it('survives a function that exhausts its heap', async () => {
    const patient = await create({ timeoutMs: 20_000, size: 1 })
    expect(await patient.invoke(call('heap'))).toMatchObject({
      ok: false,
      errors: [{ code: 'ERR_WORKER_OUT_OF_MEMORY' }],
    })
    expect(await patient.invoke(call('echo'))).toMatchObject({ ok: true })
    await patient.close()
  })

  it('survives process.exit', async () => {
    expect(await host.invoke(call('exit'))).toMatchObject({
      ok: false,
      errors: [
        { code: 'function_crashed', message: 'The function ended its worker with exit code 7.' },
      ],
    })
    await stillWorks()
  })

  it('answers for an error thrown from a timer, and serves the calls beside it', async () => {
    const [crashed, fine] = await Promise.all([
      host.invoke(call('throwLater')),
      host.invoke(call('echo')),
    ])
    expect(crashed).toMatchObject({ ok: false, errors: [{ message: 'thrown from a timer' }] })
    expect(fine).toMatchObject({ ok: true })
    await stillWorks()
  })

  it('does not let a call pay for what the one before it lost', async () => {
    await using single = await create({ size: 1 })
    expect(await single.invoke(call('throwAfterwards'))).toMatchObject({ value: 'answered' })
    expect(await single.invoke(call('rest'))).toMatchObject({ ok: true, value: 'rested' })
  })

  it('passes the end of the caller on to the function', async () => {
    const patient = await create({ timeoutMs: 20_000 })
    const signal = AbortSignal.timeout(50)
    expect(await patient.invoke(call('never'), { signal })).toMatchObject({
      ok: false,
      errors: [{ code: 'call_aborted' }],
    })
    await patient.close()
  })

  it('serves HTTP without the page being parsed in the main thread', async () => {
    const tokens = '5f0c1d7be2a94c6d8b3e'
    await using server = await startHookServer(await create(), { tokens })
    const headers = { authorization: `Bearer ${tokens}`, 'content-type': 'application/json' }
    const response = await fetch(`${server.url}/function`, {
      method: 'POST',
      headers,
      body: JSON.stringify(call('echo')),
    })
    expect([response.status, await response.json()]).toEqual([200, { a: 1 }])
  })

  it('refuses calls beyond its queue with 503 and says when to come back', async () => {
    const small = await create({ size: 1, maxQueued: 0, timeoutMs: 200 })
    const [first, second] = await Promise.all([
      small.invoke(call('never')),
      small.invoke(call('echo')),
    ])
    expect(first).toMatchObject({ errors: [{ code: 'function_timeout' }] })
    expect(second).toMatchObject({
      status: 503,
      retryAfterMs: 1000,
      errors: [{ code: 'host_busy' }],
    })
    await small.close()
    expect(await small.invoke(call('echo'))).toMatchObject({
      status: 503,
      errors: [{ code: 'host_closing' }],
    })
  })

  it('rejects at once when the module cannot be loaded', async () => {
    await expect(
      createWorkerHookHost(new URL('./fixtures/absent.mjs', import.meta.url)),
    ).rejects.toThrow('absent.mjs')
  })
})
