import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { ListEntry, ObjectStat, PutRequest, StorageProvider } from '@mortise/files-remote'
import {
  checkCompose,
  checkCopy,
  checkDelete,
  checkGet,
  checkPut,
  checkSignUrl,
  checkStat,
  listKeys,
  mediaTypeOf,
  notModified,
  objectNotFound,
  preconditionFailed,
  readBody,
  resolveRange,
  throwIfAborted,
  unsupported,
} from '@mortise/files-remote/adapter'
import { storageProviderContract } from '@mortise/files-remote/testing'
import { describe, it } from 'vitest'

/** An adapter as a third party writes it, from the README and the published doors only: no conditional writes. */
function createPlainMapStorageProvider(): StorageProvider {
  const objects = new Map<string, { bytes: Buffer; stat: ObjectStat }>()
  const find = (key: string) => objects.get(key) ?? fail(objectNotFound(key))

  const put = async (request: PutRequest) => {
    checkPut(request)
    const { key, ifMatch, ifNoneMatch, metadata = {} } = request
    if (ifMatch !== undefined || ifNoneMatch !== undefined)
      throw unsupported('conditions', 'a plain map has none.')
    const chunks: Uint8Array[] = []
    for await (const chunk of readBody(request.body, request)) chunks.push(chunk)
    const bytes = Buffer.concat(chunks)
    const etag = createHash('sha256').update(bytes).digest('hex')
    const stat = { key, etag, sizeBytes: bytes.length, mediaType: mediaTypeOf(request), metadata }
    objects.set(key, { bytes, stat })
    return { key, etag, sizeBytes: bytes.length }
  }

  return {
    capabilities: {
      conditionalWrites: false,
      conditionalDeletes: false,
      compose: false,
      signedUrls: [],
    },
    put,
    async get(request) {
      checkGet(request)
      const { key, range, ifMatch, ifNoneMatch, signal } = request
      const { bytes, stat } = find(key)
      if (ifMatch !== undefined && ifMatch !== stat.etag) throw preconditionFailed(key)
      if (ifNoneMatch === stat.etag) throw notModified(key)
      const { start, end } = resolveRange(range, bytes.length)
      const chunks = function* () {
        for (let at = start; at <= end; at += 65_536) {
          throwIfAborted(signal)
          yield bytes.subarray(at, Math.min(at + 65_536, end + 1))
        }
      }
      return { ...stat, body: Readable.from(chunks(), { objectMode: false }) }
    },
    async stat(request) {
      checkStat(request)
      return objects.get(request.key)?.stat ?? null
    },
    async delete(request) {
      checkDelete(request)
      if (request.ifMatch !== undefined)
        throw unsupported('delete with ifMatch', 'a plain map has none.')
      objects.delete(request.key)
    },
    list: (request = {}) =>
      listKeys([...objects.keys()], request, (key): ListEntry | undefined => {
        const object = objects.get(key)
        return object && { kind: 'object', ...object.stat }
      }),
    async copy(request) {
      checkCopy(request)
      const { bytes, stat } = find(request.sourceKey)
      if (request.sourceIfMatch !== undefined && request.sourceIfMatch !== stat.etag)
        throw preconditionFailed(request.sourceKey)
      return put({
        key: request.key,
        body: bytes,
        mediaType: stat.mediaType,
        metadata: stat.metadata,
      })
    },
    async compose(request) {
      checkCompose(request)
      throw unsupported('compose', 'a plain map has none.')
    },
    async signUrl(request) {
      checkSignUrl(request)
      throw unsupported('signUrl', 'a plain map has no address.')
    },
  }
}

function fail(error: Error): never {
  throw error
}

describe('an adapter of a third party', () => {
  const provider = createPlainMapStorageProvider()
  for (const check of storageProviderContract({ create: () => provider }))
    it.concurrent(check.name, check.run)
})
