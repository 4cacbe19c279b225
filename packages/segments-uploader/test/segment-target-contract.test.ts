import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { S3Server } from '../../../scripts/servers/s3-server.ts'
import { describeWithS3 } from '../../../scripts/vitest/servers.ts'
import type { SegmentTarget } from '../src/index.ts'
import { createMemorySegmentTarget } from '../src/memory/index.ts'
import { createS3SegmentTarget } from '../src/s3/index.ts'
import { segmentTargetContract } from '../src/testing/index.ts'
import { createTestBucket, type TestBucket } from './s3-bucket.ts'

describe.each([0, 100, false] as const)('a memory target with minPartBytes %s', (minPartBytes) => {
  const target = createMemorySegmentTarget({ minPartBytes })
  for (const { name, run } of segmentTargetContract({ create: () => target })) it(name, run)
})

describeWithS3('an S3 target', () => {
  let s3: TestBucket
  beforeAll(async () => {
    s3 = await createTestBucket(inject('s3') as S3Server)
  })
  afterAll(async () => {
    await s3[Symbol.asyncDispose]()
  })
  for (const { name, run } of segmentTargetContract({ create: () => createS3SegmentTarget(s3) })) {
    it(name, run)
  }
})

type Breaking = (target: SegmentTarget) => Partial<SegmentTarget>

/** Each breaks one promise; the words are in the name of the check that must notice. */
const BROKEN: Record<string, [Breaking, string]> = {
  'forgets metadata': [
    (target) => ({ put: (request) => target.put({ ...request, metadata: undefined }) }),
    'the metadata of a put',
  ],
  'ignores ifNoneMatch': [
    (target) => ({ put: (request) => target.put({ ...request, ifNoneMatch: undefined }) }),
    'ifNoneMatch stores only',
  ],
  'ignores ifMatch': [
    (target) => ({ put: (request) => target.put({ ...request, ifMatch: undefined }) }),
    'ifMatch stores only',
  ],
  'checks before it writes': [
    (target) => ({
      put: async ({ ifMatch, ifNoneMatch, ...request }) => {
        const found = await target.stat(request)
        const holds = ifNoneMatch ? !found : ifMatch === undefined || found?.etag === ifMatch
        if (!holds) return await target.put({ ...request, ifMatch: 'none' })
        return await target.put(request)
      },
    }),
    'exactly one wins',
  ],
  'answers the size of the range': [
    (target) => ({
      get: async (request) => {
        const found = await target.get(request)
        const { start = 0, end = found.sizeBytes - 1 } = request.range ?? {}
        return { ...found, sizeBytes: end - start + 1 }
      },
    }),
    'get of a range',
  ],
  'counts the end of a range as outside': [
    (target) => ({
      get: ({ range, ...request }) =>
        target.get({ ...request, range: range?.end ? { ...range, end: range.end - 1 } : range }),
    }),
    'get of a range',
  ],
  'ignores ifMatch of get': [
    (target) => ({ get: (request) => target.get({ ...request, ifMatch: undefined }) }),
    'get with ifMatch',
  ],
  'throws from stat': [
    (target) => ({ stat: async (request) => (await target.get(request)) && target.stat(request) }),
    'an absent object',
  ],
  'throws what is not ours': [
    (target) => ({
      get: (request) => target.get(request).catch(() => Promise.reject(new Error('404'))),
    }),
    'an absent object',
  ],
  'has one version for all': [
    (target) => ({ put: async (request) => ({ ...(await target.put(request)), etag: 'v' }) }),
    'the version changes',
  ],
  'stores what it got of a failing body': [
    (target) => ({
      put: async (request) => {
        if (request.body instanceof Uint8Array) return await target.put(request)
        const chunks: Uint8Array[] = []
        try {
          for await (const chunk of request.body) chunks.push(chunk)
        } catch (error) {
          await target.put({ ...request, body: Buffer.concat(chunks) })
          throw error
        }
        return await target.put({ ...request, body: Buffer.concat(chunks) })
      },
    }),
    'a body that fails',
  ],
  'lists like a folder': [
    (target) => ({
      list: async function* ({ prefix }) {
        for await (const entry of target.list({ prefix })) {
          if (entry.kind === 'object' && !entry.key.slice(prefix.length).includes('/')) yield entry
        }
      },
    }),
    'list answers every key',
  ],
  'lists what begins alike': [
    (target) => ({ list: ({ prefix }) => target.list({ prefix: prefix.replace(/[^/]*\/$/, '') }) }),
    'list answers every key',
  ],
  'fails to delete what is gone': [
    (target) => ({
      delete: async (request) => (await target.get(request)) && target.delete(request),
    }),
    'delete removes',
  ],
  'composes without a condition': [
    (target) => ({ compose: (request) => target.compose({ ...request, ifMatch: undefined }) }),
    'compose is refused',
  ],
  'forgets metadata when it composes': [
    (target) => ({ compose: (request) => target.compose({ ...request, metadata: undefined }) }),
    'compose puts a stored range',
  ],
}

describe('the contract', () => {
  it.each(Object.entries(BROKEN))('notices a target that %s', async (_name, [change, words]) => {
    const good = createMemorySegmentTarget()
    const target = { ...good, ...change(good) }
    const checks = segmentTargetContract({ create: () => target })
    const check = checks.find(({ name }) => name.includes(words))
    await expect(check?.run()).rejects.toThrow()
  })
})
