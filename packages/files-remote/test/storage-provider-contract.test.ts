import { Readable } from 'node:stream'
import { describe, expect, it, vi } from 'vitest'
import {
  createSignedUrlHandler,
  downloadObject,
  type PutRequest,
  type StorageProvider,
  storageError,
} from '../src/index.ts'
import { createMemoryStorageProvider } from '../src/memory/index.ts'
import { bytes, readAll } from '../src/testing/contract-kit.ts'
import { storageProviderContract } from '../src/testing/index.ts'

vi.setConfig({ testTimeout: 20_000 })

const signedUrls = { baseUrl: 'http://files.test', secret: 'a secret of 24 characters' }

/** What is broken, how, and words from the name of a check that must notice. */
type Broken = [string, (good: StorageProvider) => Partial<StorageProvider>, string]

const pause = () => new Promise((resolve) => setTimeout(resolve, 5))
const bytesOf = async ({ body }: PutRequest) =>
  body instanceof Uint8Array ? body : readAll(body as AsyncIterable<Uint8Array>)

const BROKEN: Broken[] = [
  [
    'drops the last byte',
    (good) => ({ put: async (r) => good.put({ ...r, body: (await bytesOf(r)).subarray(0, -1) }) }),
    'gives back the bytes',
  ],
  [
    'forgets metadata',
    (good) => ({ put: ({ metadata: _, ...r }) => good.put(r) }),
    'media type and metadata come back',
  ],
  [
    'forgets the media type',
    (good) => ({ put: ({ mediaType: _, ...r }) => good.put(r) }),
    'media type and metadata come back',
  ],
  [
    'keeps old metadata',
    (good) => ({
      put: async (r) =>
        good.put({ ...r, metadata: { ...(await good.stat(r))?.metadata, ...r.metadata } }),
    }),
    'replaces what stood there',
  ],
  [
    'quotes its etags',
    (good) => ({
      put: async (r) => {
        const p = await good.put(r)
        return { ...p, etag: `"${p.etag}"` }
      },
    }),
    'etag changes',
  ],
  [
    'has one etag for all',
    (good) => ({ put: async (r) => ({ ...(await good.put(r)), etag: 'same' }) }),
    'etag changes',
  ],
  [
    'counts versions by their content',
    (good) => ({
      put: async (r) => {
        const p = await good.put(r)
        return { ...p, versionId: p.etag }
      },
    }),
    'a versionId of its own',
  ],
  [
    'throws foreign errors',
    (good) => ({
      get: (r) =>
        good.get(r).catch((e) => {
          throw new Error(String(e))
        }),
    }),
    'get of an absent key',
  ],
  [
    'rejects stat of an absent key',
    (good) => ({
      stat: async (r) => {
        const s = await good.stat(r)
        if (!s) throw new Error('absent')
        return s
      },
    }),
    'stat of an absent key',
  ],
  [
    'rejects delete of an absent key',
    (good) => ({
      delete: async (r) => {
        await good.get(r)
        await good.delete(r)
      },
    }),
    'an absent key succeeds',
  ],
  ['does not delete', () => ({ delete: async () => undefined }), 'delete removes'],
  [
    'counts range.end as outside',
    (good) => ({
      get: (r) =>
        good.get({
          ...r,
          ...(r.range?.end !== undefined && {
            range: { start: r.range.start, end: Math.max(r.range.end - 1, r.range.start) },
          }),
        }),
    }),
    'a range gives exactly',
  ],
  [
    'gives the size of the range',
    (good) => ({
      get: async (r) => {
        const g = await good.get(r)
        const b = await readAll(g.body)
        return { ...g, sizeBytes: b.length, body: Readable.from([b]) }
      },
    }),
    'a range gives exactly',
  ],
  [
    'answers nothing to a range behind the end',
    (good) => ({
      get: (r) =>
        good.get(r).catch((e) => {
          if (e.code !== 'FILES_REMOTE_RANGE_INVALID') throw e
          return good.get({ key: r.key })
        }),
    }),
    'a range behind the end',
  ],
  [
    'stores what came before a failure',
    (good) => ({
      put: async (r) => {
        const chunks: Uint8Array[] = []
        let failure: unknown
        try {
          for await (const c of r.body instanceof Uint8Array
            ? [r.body]
            : (r.body as AsyncIterable<Uint8Array>))
            chunks.push(c)
        } catch (e) {
          failure = e
        }
        const p = await good.put({ ...r, body: Buffer.concat(chunks) })
        if (failure) throw failure
        return p
      },
    }),
    'a body that fails',
  ],
  [
    'ignores sizeBytes',
    (good) => ({ put: ({ sizeBytes: _, ...r }) => good.put(r) }),
    'shorter or longer than sizeBytes',
  ],
  [
    'ignores ifNoneMatch',
    (good) => ({ put: ({ ifNoneMatch: _, ...r }) => good.put(r) }),
    'ifNoneMatch stores only',
  ],
  [
    'ignores ifMatch',
    (good) => ({ put: ({ ifMatch: _, ...r }) => good.put(r) }),
    'ifMatch stores only',
  ],
  [
    'lets ifMatch create',
    (good) => ({
      put: async ({ ifMatch, ...r }) =>
        good.put({ ...r, ...((await good.stat(r)) && { ifMatch }) }),
    }),
    'ifMatch over an absent key',
  ],
  [
    'looks, then writes (ifNoneMatch)',
    (good) => ({
      put: async ({ ifNoneMatch, ...r }) => {
        if (ifNoneMatch && (await good.stat(r))) return good.put({ ...r, ifNoneMatch })
        await pause()
        return good.put(r)
      },
    }),
    'racing puts with ifNoneMatch',
  ],
  [
    'looks, then writes (ifMatch)',
    (good) => ({
      put: async ({ ifMatch, ...r }) => {
        if (ifMatch && (await good.stat(r))?.etag !== ifMatch) return good.put({ ...r, ifMatch })
        await pause()
        return good.put(r)
      },
    }),
    'racing puts with ifMatch',
  ],
  [
    'reads whatever version',
    (good) => ({ get: ({ ifMatch: _, ...r }) => good.get(r) }),
    'get with ifMatch of another version',
  ],
  [
    'always sends the body',
    (good) => ({ get: ({ ifNoneMatch: _, ...r }) => good.get(r) }),
    'get with ifNoneMatch',
  ],
  [
    'deletes whatever version',
    (good) => ({ delete: ({ ifMatch: _, ...r }) => good.delete(r) }),
    'delete with ifMatch',
  ],
  [
    'lists in the order of JavaScript',
    (good) => ({
      async *list(r = {}) {
        const all = []
        for await (const e of good.list(r)) all.push(e)
        yield* all.sort((a, b) =>
          (a.kind === 'object' ? a.key : a.prefix) < (b.kind === 'object' ? b.key : b.prefix)
            ? -1
            : 1,
        )
      },
    }),
    'order of their UTF-8 bytes',
  ],
  [
    'lists one page',
    (good) => ({
      async *list(r) {
        let n = 0
        for await (const e of good.list(r)) if (n++ < 3) yield e
      },
    }),
    'list gives the keys',
  ],
  [
    'ignores the prefix',
    (good) => ({ list: ({ prefix: _, ...r } = {}) => good.list(r) }),
    'list gives the keys',
  ],
  [
    'ignores the delimiter',
    (good) => ({ list: ({ delimiter: _, ...r } = {}) => good.list(r) }),
    'folds keys',
  ],
  [
    'lists startAfter itself',
    (good) => ({ list: ({ startAfter: _, ...r } = {}) => good.list(r) }),
    'goes on behind startAfter',
  ],
  [
    'copies bytes only',
    (good) => ({
      copy: async ({ sourceKey, key }) =>
        good.put({ key, body: await readAll((await good.get({ key: sourceKey })).body) }),
    }),
    'copy keeps',
  ],
  [
    'copies whatever version',
    (good) => ({ copy: ({ sourceIfMatch: _, ...r }) => good.copy(r) }),
    'copy with sourceIfMatch',
  ],
  [
    'copies only where nothing stands',
    (good) => ({
      copy: async (r) =>
        (await good.stat(r)) ? good.put({ key: r.key, body: bytes('') }) : good.copy(r),
    }),
    'copy replaces',
  ],
  [
    'reads no local files',
    (good) => ({
      put: (r) =>
        'path' in r.body
          ? Promise.reject(storageError('FILES_REMOTE_UNSUPPORTED', 'streams only'))
          : good.put(r),
    }),
    'put stores a local file',
  ],
  [
    'stores an absent local file as nothing',
    (good) => ({
      put: (r) =>
        good.put(r).catch((e) => {
          if (e.code !== 'FILES_REMOTE_LOCAL_FILE_FAILED') throw e
          return good.put({ ...r, body: bytes('') })
        }),
    }),
    'an absent local file',
  ],
  [
    'downloads without a limit',
    (good) => ({
      download: ({ maxBytes: _, ...r }) => downloadObject(good, r),
    }),
    'downloadObject that is refused',
  ],
  [
    'downloads beside the file',
    (good) => ({
      download: async (r) => downloadObject(good, { ...r, path: `${r.path}.part` }),
    }),
    'downloadObject writes',
  ],
  [
    'ignores the conditions that it does not offer',
    (good) => ({
      capabilities: { ...good.capabilities, conditionalWrites: false },
      put: ({ ifMatch: _, ifNoneMatch: __, ...r }) => good.put(r),
    }),
    'without conditionalWrites',
  ],
  [
    'signs what it does not offer',
    (good) => ({ capabilities: { ...good.capabilities, signedUrls: [] } }),
    'without GET in signedUrls',
  ],
  [
    'composes over what stands there',
    (good) => ({ compose: ({ ifNoneMatch: _, ...r }) => good.compose(r) }),
    'compose stores nothing',
  ],
  [
    'composes without its condition',
    (good) => ({ compose: ({ ifMatch: _, ...r }) => good.compose(r) }),
    'compose stores nothing',
  ],
  [
    'composes whole objects',
    (good) => ({
      compose: (r) =>
        good.compose({
          ...r,
          parts: r.parts.map((p) => ('body' in p ? p : { key: p.key, ifMatch: p.ifMatch })),
        }),
    }),
    'compose takes a range',
  ],
  [
    'claims to compose',
    () => ({ compose: () => Promise.reject(new Error('not implemented')) }),
    'compose appends',
  ],
  [
    'claims to sign',
    () => ({ signUrl: () => Promise.reject(new Error('not implemented')) }),
    'a signed GET gives',
  ],
  [
    'signs for ever',
    (good) => ({ signUrl: (r) => good.signUrl({ ...r, expiresInSeconds: 604_800 }) }),
    'a signed GET expires',
  ],
  [
    'signs any size',
    (good) => ({
      signUrl: (r) =>
        good.signUrl(
          r.method === 'PUT' ? { method: 'PUT', key: r.key, mediaType: r.mediaType } : r,
        ),
    }),
    'a signed PUT',
  ],
  [
    'signs forms without a limit',
    (good) => ({
      signUrl: (r) => good.signUrl(r.method === 'POST' ? { ...r, minBytes: 0, maxBytes: 1e9 } : r),
    }),
    'a signed POST',
  ],
  ['takes any key', (good) => ({ stat: (r) => good.stat(r).catch(() => null) }), 'refuses a key'],
  [
    'folds case',
    (good) => ({
      put: (r) => good.put({ ...r, key: r.key.toLowerCase() }),
      get: (r) => good.get({ ...r, key: r.key.toLowerCase() }),
    }),
    'holds an object of its own',
  ],
  [
    'normalises paths',
    (good) => ({
      put: (r) => good.put({ ...r, key: r.key.replaceAll('\\', '/') }),
      get: (r) => good.get({ ...r, key: r.key.replaceAll('\\', '/') }),
    }),
    'holds an object of its own',
  ],
  [
    'ignores the signal',
    (good) => ({ put: ({ signal: _, ...r }) => good.put(r) }),
    'aborted before it begins',
  ],
  [
    'reads on after an abort',
    (good) => ({
      get: async (r) => {
        const g = await good.get({ ...r, signal: undefined })
        r.signal?.throwIfAborted()
        return g
      },
    }),
    'an abort ends a body',
  ],
  [
    'shows half of a body',
    (good) => ({
      put: async (r) => {
        const body = await (r.body instanceof Uint8Array
          ? r.body
          : (async () => {
              const chunks: Uint8Array[] = []
              for await (const c of r.body as AsyncIterable<Uint8Array>) {
                chunks.push(c)
                await good.put({ ...r, body: Buffer.concat(chunks), sizeBytes: undefined })
              }
              return Buffer.concat(chunks)
            })())
        return good.put({ ...r, body })
      },
    }),
    'never shows a part',
  ],
  [
    'deletes what lies below',
    (good) => ({
      delete: async (r) => {
        await good.delete(r)
        for await (const e of good.list({ prefix: `${r.key}/` }))
          if (e.kind === 'object') await good.delete({ key: e.key })
      },
    }),
    'do not disturb each other',
  ],
]

/** One run of the contract on a provider: the names of the checks that failed. */
async function failures(
  make: (good: StorageProvider) => StorageProvider,
  only?: string,
): Promise<string[]> {
  const good = createMemoryStorageProvider({ signedUrls })
  const checks = storageProviderContract({
    create: () => make(good),
    send: createSignedUrlHandler(good, signedUrls),
  }).filter(({ name }) => only === undefined || name.includes(only))
  expect(checks.length).toBeGreaterThan(0)
  const results = await Promise.allSettled(checks.map((check) => check.run()))
  return checks.filter((_, index) => results[index]?.status === 'rejected').map(({ name }) => name)
}

describe('storageProviderContract', () => {
  it('finds nothing wrong with a good provider', async () => {
    expect(await failures((good) => good)).toEqual([])
  })

  it('breaks at least fifteen providers in ways of their own', () => {
    expect(new Set(BROKEN.map(([name]) => name)).size).toBeGreaterThanOrEqual(15)
  })

  it.concurrent.each(BROKEN)('notices a provider that %s', async (_, breakIt, noticed) => {
    const failed = await failures((good) => ({ ...good, ...breakIt(good) }), noticed)
    expect(failed).not.toEqual([])
  })
})
