import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { resolveRange } from '../byte-range.ts'
import {
  checkCompose,
  checkCopy,
  checkDelete,
  checkGet,
  checkPut,
  checkStat,
  mediaTypeOf,
} from '../check-request.ts'
import { listKeys } from '../list-keys.ts'
import type { ObjectMetadata, ObjectStat } from '../object-stat.ts'
import { readBody } from '../read-body.ts'
import { type SignedUrlOptions, urlSigner } from '../signed-urls.ts'
import {
  notModified,
  objectNotFound,
  preconditionFailed,
  storageError,
  throwIfAborted,
} from '../storage-errors.ts'
import type {
  ComposePart,
  ComposeRequest,
  CopyRequest,
  DeleteRequest,
  GetRequest,
  GetResult,
  ListEntry,
  ListRequest,
  PutRequest,
  PutResult,
  StatRequest,
  StorageProvider,
} from '../storage-provider.ts'

/** How much is kept, and how addresses are signed. */
export interface MemoryStorageProviderOptions {
  /** The most bytes kept in all. A write beyond it rejects with `FILES_REMOTE_DISK_FULL`. Default: no limit. */
  readonly maxBytes?: number | undefined
  /** How `signUrl` makes addresses; `createSignedUrlHandler` answers them. Default: it makes none. */
  readonly signedUrls?: SignedUrlOptions | undefined
  /** The clock of `lastModified`. Default: `Date.now`. */
  readonly now?: (() => number) | undefined
}

interface StoredObject {
  readonly bytes: Uint8Array
  readonly etag: string
  readonly mediaType: string
  readonly metadata: ObjectMetadata
  readonly lastModified: Date
}

const CHUNK_BYTES = 64 * 1024

/** Objects in this process's memory: for tests, and for what may be lost. Every option of the port works. */
export function createMemoryStorageProvider(
  options: MemoryStorageProviderOptions = {},
): StorageProvider {
  const { maxBytes = Number.POSITIVE_INFINITY, now = Date.now } = options
  const objects = new Map<string, StoredObject>()
  const signUrl = urlSigner(options.signedUrls)
  let usedBytes = 0

  const store = (request: Omit<PutRequest, 'body'>, bytes: Uint8Array): PutResult => {
    const { key, ifMatch, ifNoneMatch, metadata = {} } = request
    const current = objects.get(key)
    if (ifNoneMatch !== undefined && current) throw preconditionFailed(key)
    if (ifMatch !== undefined && current?.etag !== ifMatch) throw preconditionFailed(key)
    const grown = usedBytes + bytes.byteLength - (current?.bytes.byteLength ?? 0)
    if (grown > maxBytes) throw full(maxBytes)
    usedBytes = grown
    const etag = randomUUID().replaceAll('-', '')
    objects.set(key, {
      bytes,
      etag,
      mediaType: mediaTypeOf(request),
      metadata: { ...metadata },
      lastModified: new Date(now()),
    })
    return { key, etag, sizeBytes: bytes.byteLength }
  }

  const find = (key: string, ifMatch?: string): StoredObject => {
    const object = objects.get(key)
    if (!object) throw objectNotFound(key)
    if (ifMatch !== undefined && object.etag !== ifMatch) throw preconditionFailed(key)
    return object
  }

  const bytesOf = (part: ComposePart): Uint8Array => {
    if ('body' in part) return part.body
    const { bytes } = find(part.key, part.ifMatch)
    const { start, end } = resolveRange(part.range, bytes.byteLength)
    return bytes.subarray(start, end + 1)
  }

  return {
    capabilities: {
      conditionalWrites: true,
      conditionalDeletes: true,
      compose: { minPartBytes: 0 },
      signedUrls: options.signedUrls ? ['GET', 'PUT', 'POST'] : [],
    },

    async put(request: PutRequest): Promise<PutResult> {
      checkPut(request)
      const chunks: Uint8Array[] = []
      let sizeBytes = 0
      for await (const chunk of readBody(request.body, request)) {
        sizeBytes += chunk.byteLength
        if (sizeBytes > maxBytes) throw full(maxBytes)
        chunks.push(new Uint8Array(chunk))
      }
      throwIfAborted(request.signal)
      return store(request, Buffer.concat(chunks))
    },

    async get(request: GetRequest): Promise<GetResult> {
      checkGet(request)
      const object = find(request.key, request.ifMatch)
      if (request.ifNoneMatch === object.etag) throw notModified(request.key)
      const { start, end } = resolveRange(request.range, object.bytes.byteLength)
      const range = object.bytes.subarray(start, end + 1)
      const body = Readable.from(copied(range, request.signal), { objectMode: false })
      return { ...statOf(request.key, object), body }
    },

    async stat(request: StatRequest): Promise<ObjectStat | null> {
      checkStat(request)
      const { key } = request
      const object = objects.get(key)
      return object ? statOf(key, object) : null
    },

    async delete(request: DeleteRequest): Promise<void> {
      checkDelete(request)
      const { key, ifMatch } = request
      const object = objects.get(key)
      if (ifMatch !== undefined && object?.etag !== ifMatch) throw preconditionFailed(key)
      if (!object) return
      usedBytes -= object.bytes.byteLength
      objects.delete(key)
    },

    async *list(request: ListRequest = {}): AsyncGenerator<ListEntry> {
      yield* listKeys([...objects.keys()], request, (key) => {
        const object = objects.get(key)
        return object && { kind: 'object', ...listed(key, object) }
      })
    },

    async copy(request: CopyRequest): Promise<PutResult> {
      checkCopy(request)
      const { bytes, mediaType, metadata } = find(request.sourceKey, request.sourceIfMatch)
      return store({ key: request.key, mediaType, metadata }, bytes)
    },

    async compose(request: ComposeRequest): Promise<PutResult> {
      checkCompose(request)
      return store(request, Buffer.concat(request.parts.map(bytesOf)))
    },

    signUrl,
  }
}

function listed(key: string, { etag, bytes, lastModified }: StoredObject) {
  return { key, etag, sizeBytes: bytes.byteLength, lastModified }
}

function statOf(key: string, object: StoredObject): ObjectStat {
  const { mediaType, metadata } = object
  return { ...listed(key, object), mediaType, metadata: { ...metadata } }
}

/** Copies, in pieces: a reader may change the bytes that it was given, and may be aborted between them. */
async function* copied(
  bytes: Uint8Array,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += CHUNK_BYTES) {
    throwIfAborted(signal)
    yield new Uint8Array(bytes.subarray(at, at + CHUNK_BYTES))
  }
}

function full(maxBytes: number): Error {
  return storageError(
    'FILES_REMOTE_DISK_FULL',
    `The memory provider keeps at most ${maxBytes} bytes.`,
    {
      outcome: 'not_sent',
    },
  )
}
