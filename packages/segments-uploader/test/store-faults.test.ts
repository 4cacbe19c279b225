import { setTimeout as sleep } from 'node:timers/promises'
import { AuthError, PermanentError, TransientError } from '@mortise/errors'
import { describe, expect, it } from 'vitest'
import { createSegmentsUploader, inspectDay, type SegmentTarget } from '../src/index.ts'
import { createMemorySegmentTarget } from '../src/memory/index.ts'
import { KEY, NOON, profile, setUp } from './memory-uploader.ts'

describe('a store', () => {
  const broken = (change: (target: SegmentTarget) => Partial<SegmentTarget>) => {
    const { target } = setUp()
    return setUp({ target: { ...target, ...change(target) } }).uploader
  }

  it.each([
    ['If-None-Match', (request: object) => ({ ...request, ifNoneMatch: undefined })],
    ['If-Match', (request: object) => ({ ...request, ifMatch: undefined })],
  ])('that ignores %s is refused before anything is written', async (header, forget) => {
    const { target } = setUp()
    const put = (request: Parameters<SegmentTarget['put']>[0]) =>
      target.put(forget(request) as typeof request)
    const { uploader } = setUp({ target: { ...target, put } })
    await expect(uploader.upload(profile('u1'))).rejects.toMatchObject({
      code: 'SEGMENTS_TARGET_UNSAFE',
      message: expect.stringContaining(`The store does not keep ${header}: `),
    })
    expect(target.read(KEY)).toBeUndefined()
  })

  /** Looks at the condition, and has forgotten it when it writes. */
  const forgetful = (
    target: SegmentTarget,
    versionId: () => string | undefined,
  ): SegmentTarget => ({
    ...target,
    put: async (request) => {
      if (versionId() === undefined) return await target.put(request)
      const { ifMatch, ifNoneMatch, ...write } = request
      const etag = (await target.stat(request))?.etag
      const held = ifNoneMatch ? etag === undefined : ifMatch === undefined || ifMatch === etag
      if (!held) throw new PermanentError('refused', { status: 412 })
      return { ...(await target.put(write)), versionId: versionId() }
    },
  })

  it('that keeps conditions only for writers one after the other is refused', async () => {
    const { target } = setUp()
    const { uploader } = setUp({ target: forgetful(target, () => 'v') })
    await expect(uploader.run(profile('u1'))).resolves.toMatchObject({
      port: 'error',
      value: { error: expect.stringContaining('of 3 writes under it at the same moment') },
    })
    expect(target.read(KEY)).toBeUndefined()
  })

  it('that begins to keep old versions is asked again', async () => {
    const target = createMemorySegmentTarget({ minPartBytes: false })
    let versionId: string | undefined
    const { uploader } = setUp({ target: forgetful(target, () => versionId) })
    await uploader.upload(profile('u1'))
    versionId = 'v'
    await uploader.upload(profile('u2'))
    await expect(uploader.upload(profile('u3'))).rejects.toMatchObject({
      code: 'SEGMENTS_TARGET_UNSAFE',
      outcome: 'not_sent',
    })
  })

  it('that is asked by many uploaders at once is not mistaken for another', async () => {
    const { target } = setUp()
    const uploaders = Array.from({ length: 12 }, () => setUp({ target }).uploader)
    await Promise.all(uploaders.map((uploader, n) => uploader.upload(profile(n))))
    expect(JSON.parse(target.read(KEY) ?? '').profiles).toHaveLength(12)
  })

  it('that is slow, but answers each request in time, is found out in time', async () => {
    const { target } = setUp()
    const put: SegmentTarget['put'] = (request) => sleep(60).then(() => target.put(request))
    const { uploader } = setUp({ target: { ...target, put }, requestTimeoutMs: 150 })
    await expect(uploader.upload(profile('u1'))).resolves.toMatchObject({ position: 0 })
  })

  it('that never ends one request, whatever the signal, is asked anew', async () => {
    const { target } = setUp()
    let asked = 0
    const put: SegmentTarget['put'] = (request) =>
      asked++ === 0 ? new Promise(() => {}) : target.put(request)
    const { uploader } = setUp({ target: { ...target, put }, requestTimeoutMs: 20 })
    await expect(uploader.upload(profile('u1'))).resolves.toMatchObject({ position: 0 })
  })

  it('where the object of the question is removed meanwhile is asked anew', async () => {
    const { target } = setUp()
    const probe = { key: 'segments-probe-0', body: Buffer.from('from an earlier start') }
    let kept = 1
    const stat: SegmentTarget['stat'] = async (request) => {
      if (request.key === probe.key && kept-- > 0) await target.delete(request)
      return await target.stat(request)
    }
    // The client of S3 sends no header for an empty version.
    const put: SegmentTarget['put'] = ({ ifMatch, ...request }) =>
      target.put({ ...request, ifMatch: ifMatch || undefined })
    const { uploader } = setUp({ target: { ...target, stat, put }, random: () => 0 })
    await target.put(probe)
    await expect(uploader.upload(profile('u1'))).resolves.toMatchObject({ position: 0 })
  })

  it('where somebody puts an older version back is reported, and the day goes on', async () => {
    const { target } = setUp()
    const [first, second] = [setUp({ target }), setUp({ target })]
    await first.uploader.upload(profile('u1'))
    const { etag: _version, sizeBytes: _size, body, ...older } = await target.get({ key: KEY })
    const chunks: Uint8Array[] = []
    for await (const chunk of body) chunks.push(chunk)
    await second.uploader.upload(profile('u2'))
    await target.put({ ...older, key: KEY, body: Buffer.concat(chunks) })
    await second.uploader.upload(profile('u3'))
    expect(second.diagnostics).toMatchObject([{ code: 'SEGMENTS_BATCH_LOST', key: KEY }])
    const { profiles } = JSON.parse(target.read(KEY) ?? '')
    expect(profiles.map((entry: { smi_uid: string }) => entry.smi_uid)).toEqual(['u1', 'u3'])
  })

  it('that has no conditions is refused at once, unless one writer is promised', async () => {
    const target = createMemorySegmentTarget({ conditionalWrites: false })
    expect(() => createSegmentsUploader({ target })).toThrow(/The store has no conditional writes/)
    const uploader = createSegmentsUploader({ target, singleWriter: true, now: () => NOON })
    await uploader.upload(profile('u1'))
    await uploader.upload(profile('u2'))
    expect(JSON.parse(target.read(KEY) ?? '').profiles).toHaveLength(2)
  })

  it('that cannot compose after all is written whole', async () => {
    const { target } = setUp()
    const refusing = {
      ...target,
      compose: () => Promise.reject(new PermanentError('NotImplemented', { status: 501 })),
    }
    const { uploader, diagnostics } = setUp({ target: refusing })
    for (const id of ['u1', 'u2', 'u3']) await uploader.upload(profile(id))
    expect(JSON.parse(target.read(KEY) ?? '').profiles).toHaveLength(3)
    expect(diagnostics.map(({ code }) => code)).toEqual(['SEGMENTS_COMPOSE_UNAVAILABLE'])
  })

  it('that completes a composition without its condition is written whole', async () => {
    const { target } = setUp()
    const careless = {
      ...target,
      compose: (request: Parameters<SegmentTarget['compose']>[0]) =>
        target.compose({ ...request, ifMatch: undefined }),
    }
    const { uploader, diagnostics } = setUp({ target: careless })
    for (const id of ['u1', 'u2']) await uploader.upload(profile(id))
    expect(JSON.parse(target.read(KEY) ?? '').profiles).toHaveLength(2)
    expect(diagnostics.map(({ code }) => code)).toEqual(['SEGMENTS_COMPOSE_UNAVAILABLE'])
  })

  it('that denies access says so once and is asked again for the next event', async () => {
    let denied = true
    const uploader = broken((target) => ({
      stat: (request) =>
        denied
          ? Promise.reject(new AuthError('Access Denied', { status: 403 }))
          : target.stat(request),
    }))
    await expect(uploader.run(profile('u1'))).resolves.toEqual({
      port: 'error',
      value: { error: 'S3 upload error: Access Denied' },
    })
    await expect(uploader.upload(profile('u1'))).rejects.toMatchObject({ kind: 'auth' })
    denied = false
    await expect(uploader.upload(profile('u1'))).resolves.toMatchObject({ position: 0 })
  })

  it('that gives no versions is refused rather than written without a condition', async () => {
    const { target } = setUp()
    const stat: SegmentTarget['stat'] = async (request) => {
      const found = await target.stat(request)
      return found && { ...found, etag: '' }
    }
    await target.put({ key: KEY, body: Buffer.from('{"profiles":[]}') })
    const get: SegmentTarget['get'] = ({ ifMatch: _version, ...request }) => target.get(request)
    const { uploader } = setUp({ target: { ...target, stat, get } })
    await expect(uploader.upload(profile('u1'))).rejects.toMatchObject({
      code: 'SEGMENTS_TARGET_UNSAFE',
    })
    expect(target.read(KEY)).toBe('{"profiles":[]}')
  })

  it('that never answers is given up in time', async () => {
    const { target } = setUp()
    const { uploader } = setUp({
      target: { ...target, stat: () => new Promise<never>(() => {}) },
      requestTimeoutMs: 5,
      commitTimeoutMs: 10,
    })
    await expect(uploader.upload(profile('u1'))).rejects.toMatchObject({
      code: 'SEGMENTS_COMMIT_TIMED_OUT',
      outcome: 'not_sent',
    })
  })

  it('that loses the answer to a write and is gone then leaves the outcome unknown', async () => {
    const lost = () => Promise.reject(new TransientError('gone', { outcome: 'unknown' }))
    let writes = 0
    const uploader = broken((target) => ({
      put: (request) => {
        writes += request.key === KEY ? 1 : 0
        return request.key === KEY ? lost() : target.put(request)
      },
      stat: (request) => (writes > 0 ? lost() : target.stat(request)),
    }))
    const slow = uploader.upload(profile('u1'), { signal: AbortSignal.timeout(50) })
    await expect(slow).rejects.toMatchObject({ code: 'SEGMENTS_ABORTED', outcome: 'unknown' })
  })

  it('that asks to wait beyond the time there is is believed at once', async () => {
    const { target } = setUp()
    const busy = () =>
      Promise.reject(
        new TransientError('busy', { code: 'TEST_STORE_BUSY', retryAfterMs: 3_600_000 }),
      )
    const options = { now: () => NOON, commitTimeoutMs: 1_000 }
    for (const [delivery, call] of [
      ['direct', 'stat'],
      ['journal', 'put'],
    ] as const) {
      const uploader = createSegmentsUploader({
        ...options,
        target: { ...target, [call]: busy },
        delivery,
      })
      await expect(uploader.upload(profile('u1'))).rejects.toMatchObject({ kind: 'transient' })
    }
  })

  it('that never answers is not waited for by who looks at a day', async () => {
    const { target } = setUp()
    const stat = () => new Promise<never>(() => {})
    const look = inspectDay({ target: { ...target, stat }, requestTimeoutMs: 20 })
    await expect(look).rejects.toMatchObject({ code: 'SEGMENTS_TARGET_FAILED' })
  })
})
