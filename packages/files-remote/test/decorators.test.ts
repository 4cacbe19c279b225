import { Readable } from 'node:stream'
import { PermanentError, TransientError } from '@mortise/errors'
import { describe, expect, it, vi } from 'vitest'
import {
  createSignedUrlHandler,
  type StorageObservation,
  type StorageProvider,
  storageError,
  withObserver,
  withPrefix,
  withReadOnly,
  withRetry,
} from '../src/index.ts'
import { createMemoryStorageProvider } from '../src/memory/index.ts'
import { bytes, collect, names, patterned, readAll, readText } from '../src/testing/contract-kit.ts'
import { storageProviderContract } from '../src/testing/index.ts'

vi.setConfig({ testTimeout: 20_000 })

const signedUrls = { baseUrl: 'http://files.test', secret: 'a secret of 24 characters' }
const fresh = () => createMemoryStorageProvider({ signedUrls })

describe.each<[string, (provider: StorageProvider) => StorageProvider]>([
  ['withPrefix', (provider) => withPrefix(provider, 'tenants/42/')],
  ['withRetry', (provider) => withRetry(provider)],
  ['withObserver', (provider) => withObserver(provider, { observe: () => undefined })],
])('%s', (_, decorate) => {
  const inner = fresh()
  const contract = storageProviderContract({
    create: () => decorate(inner),
    send: createSignedUrlHandler(inner, signedUrls),
  })
  for (const check of contract) it.concurrent(check.name, check.run)
})

describe('withPrefix', () => {
  it('shows nothing outside and lets nobody out', async () => {
    const inner = fresh()
    await inner.put({ key: 'tenants/421', body: bytes('other') })
    await inner.put({ key: 'tenants/43/a', body: bytes('other') })
    const tenant = withPrefix(inner, 'tenants/42/')
    await tenant.put({ key: 'a', body: bytes('mine') })
    expect(await names(tenant.list())).toEqual(['a'])
    expect(await readText(inner, 'tenants/42/a')).toBe('mine')
    await expect(tenant.get({ key: '../43/a' })).rejects.toMatchObject({
      code: 'FILES_REMOTE_KEY_INVALID',
    })
  })

  it('refuses a prefix that ends inside a segment', () => {
    expect(() => withPrefix(fresh(), 'tenants/4')).toThrow('prefix must end with "/"')
  })
})

describe('withReadOnly', () => {
  it('reads, and refuses every write', async () => {
    const inner = fresh()
    const { etag } = await inner.put({ key: 'a', body: bytes('x') })
    const provider = withReadOnly(inner)
    expect(await readText(provider, 'a')).toBe('x')
    expect(await names(provider.list())).toEqual(['a'])
    for (const call of [
      () => provider.put({ key: 'b', body: bytes('x') }),
      () => provider.delete({ key: 'a', ifMatch: etag }),
      () => provider.copy({ sourceKey: 'a', key: 'b' }),
      () => provider.compose({ key: 'b', parts: [{ key: 'a' }] }),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'FILES_REMOTE_READ_ONLY' })
    }
    expect((await provider.signUrl({ method: 'GET', key: 'a' })).url).toContain('signature=')
    await expect(provider.signUrl({ method: 'PUT', key: 'a' })).rejects.toMatchObject({
      code: 'FILES_REMOTE_UNSUPPORTED',
    })
  })
})

describe('withRetry', () => {
  const failing = (failures: Error[], inner = fresh()): StorageProvider => {
    const maybeFail =
      <R extends object, T>(call: (request: R) => Promise<T>) =>
      async (request: R) => {
        const failure = failures.shift()
        if (failure) throw failure
        return call(request)
      }
    return {
      ...inner,
      put: maybeFail(inner.put),
      get: maybeFail(inner.get),
      stat: maybeFail(inner.stat),
    }
  }
  const passing = () => new TransientError('down', { code: 'FILES_REMOTE_UNAVAILABLE' })
  const withoutWaiting = (waits: number[] = []) => ({
    random: () => 0.5,
    sleep: async (ms: number) => void waits.push(ms),
  })

  it('tries again what time heals, twice as patiently each time', async () => {
    const waits: number[] = []
    const provider = withRetry(failing([passing(), passing(), passing()]), withoutWaiting(waits))
    await provider.put({ key: 'a', body: bytes('x') })
    expect(waits).toEqual([100, 200, 400])
  })

  it('waits as long as the storage asks, but not longer than it may', async () => {
    const asked = (retryAfterMs: number) =>
      storageError('FILES_REMOTE_RATE_LIMITED', 'slow down', { retryAfterMs })
    const waits: number[] = []
    await withRetry(failing([asked(3000)]), withoutWaiting(waits)).stat({ key: 'a' })
    expect(waits).toEqual([3000])
    await expect(
      withRetry(failing([asked(60_000)]), withoutWaiting()).stat({ key: 'a' }),
    ).rejects.toMatchObject({
      retryAfterMs: 60_000,
    })
  })

  it('gives up after so many tries, and at once on what stays wrong', async () => {
    const five = Array.from({ length: 6 }, passing)
    await expect(withRetry(failing(five), withoutWaiting()).stat({ key: 'a' })).rejects.toThrow(
      'down',
    )
    expect(five.length).toBe(1)
    const permanent = [new PermanentError('no'), new PermanentError('no')]
    await expect(
      withRetry(failing(permanent), withoutWaiting()).stat({ key: 'a' }),
    ).rejects.toThrow('no')
    expect(permanent.length).toBe(1)
  })

  it('does not repeat a stream, nor a conditional write of unknown outcome', async () => {
    const unknown = () => new TransientError('lost', { outcome: 'unknown' })
    const provider = () => withRetry(failing([unknown()]), withoutWaiting())
    await expect(provider().put({ key: 'a', body: Readable.from([bytes('x')]) })).rejects.toThrow(
      'lost',
    )
    await expect(provider().put({ key: 'a', body: bytes('x'), ifNoneMatch: '*' })).rejects.toThrow(
      'lost',
    )
    await provider().put({ key: 'a', body: bytes('x') })
  })

  it('goes on where a body broke off, on the same version', async () => {
    const inner = fresh()
    const data = patterned(300_000)
    await inner.put({ key: 'a', body: data })
    const ranges: unknown[] = []
    const breaking: StorageProvider = {
      ...inner,
      get: async (request) => {
        ranges.push(request.range)
        const result = await inner.get(request)
        const broken = async function* () {
          let count = 0
          for await (const chunk of result.body) {
            if (count++ === 2) throw passing()
            yield chunk
          }
        }
        return { ...result, body: Readable.from(broken(), { objectMode: false }) }
      },
    }
    const { body } = await withRetry(breaking, withoutWaiting()).get({
      key: 'a',
      range: { start: 1000 },
    })
    expect(Buffer.from(data.subarray(1000)).equals(await readAll(body))).toBe(true)
    expect(ranges.length).toBe(3)
    await inner.put({ key: 'a', body: data })
    const changed = await withRetry(breaking, withoutWaiting()).get({ key: 'a' })
    await inner.put({ key: 'a', body: patterned(300_000, 2) })
    await expect(readAll(changed.body)).rejects.toMatchObject({
      code: 'FILES_REMOTE_PRECONDITION_FAILED',
    })
  })

  it('goes on where a listing broke off', async () => {
    const inner = fresh()
    for (const key of ['a', 'b', 'c', 'd']) await inner.put({ key, body: bytes(key) })
    let failures = 2
    const breaking: StorageProvider = {
      ...inner,
      async *list(request) {
        let count = 0
        for await (const entry of inner.list(request)) {
          if (count++ === 1 && failures-- > 0) throw passing()
          yield entry
        }
      },
    }
    expect(await names(withRetry(breaking, withoutWaiting()).list())).toEqual(['a', 'b', 'c', 'd'])
  })
})

describe('withObserver', () => {
  it('tells call, key, size, time and code, and survives its observer', async () => {
    const seen: StorageObservation[] = []
    let time = 0
    const provider = withObserver(fresh(), {
      now: () => (time += 5),
      observe: (observation) => {
        seen.push(observation)
        throw new Error('ignored')
      },
    })
    await provider.put({ key: 'a', body: bytes('four') })
    await provider.get({ key: 'absent' }).catch(() => undefined)
    await collect(provider.list({ prefix: 'a' }))
    expect(seen).toEqual([
      { call: 'put', key: 'a', durationMs: 5, sizeBytes: 4 },
      { call: 'get', key: 'absent', durationMs: 5, code: 'FILES_REMOTE_OBJECT_NOT_FOUND' },
      { call: 'list', key: 'a', durationMs: 5 },
    ])
  })
})
