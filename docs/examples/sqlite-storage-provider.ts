import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { Readable } from 'node:stream'
import type { ListEntry, ListRequest, PutRequest, StorageProvider } from '@mortise/files-remote'
import { parseKey, storageError } from '@mortise/files-remote'
import { bytesOf, checkGet, checkPut, folded, rangeOf, throwIfAborted } from './door.ts'

interface Row {
  etag: string
  bytes: Uint8Array
  mediaType: string
  metadata: string
}

/** Objects as rows of one table. Does everything but compose, sign addresses and delete conditionally. */
export function createSqliteStorageProvider(path: string): StorageProvider {
  const database = new DatabaseSync(path)
  database.exec(`CREATE TABLE IF NOT EXISTS objects
    (key TEXT PRIMARY KEY, etag TEXT, bytes BLOB, mediaType TEXT, metadata TEXT)`)

  const row = (key: string) =>
    database.prepare('SELECT * FROM objects WHERE key = ?').get(key) as unknown as Row | undefined

  function find(key: string, ifMatch?: string): Row {
    const found = row(key)
    if (!found)
      throw storageError('FILES_REMOTE_OBJECT_NOT_FOUND', `Nothing stands under "${key}".`)
    if (ifMatch !== undefined && found.etag !== ifMatch) throw otherVersion(key)
    return found
  }

  function store(request: Omit<PutRequest, 'body'>, bytes: Uint8Array) {
    const { key, ifMatch, ifNoneMatch, metadata = {} } = request
    const mediaType = request.mediaType ?? 'application/octet-stream'
    const etag = randomUUID()
    database.exec('BEGIN IMMEDIATE') // the condition and the write are one step, between processes too
    try {
      const current = row(key)
      if (ifNoneMatch !== undefined && current) throw otherVersion(key)
      if (ifMatch !== undefined && current?.etag !== ifMatch) throw otherVersion(key)
      database
        .prepare('INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?, ?)')
        .run(key, etag, bytes, mediaType, JSON.stringify(metadata))
      database.exec('COMMIT')
    } catch (error) {
      database.exec('ROLLBACK')
      throw error
    }
    return { key, etag, sizeBytes: bytes.byteLength }
  }

  async function* list(request: ListRequest = {}): AsyncGenerator<ListEntry> {
    throwIfAborted(request.signal)
    // SQLite compares texts as UTF-8 bytes, which is the order that the port asks for.
    const all = database.prepare(
      'SELECT key, etag, length(bytes) AS sizeBytes FROM objects ORDER BY key',
    )
    const entries = all.all() as unknown as { key: string; etag: string; sizeBytes: number }[]
    yield* folded(entries, request)
  }

  return {
    capabilities: {
      conditionalWrites: true,
      conditionalDeletes: false,
      compose: false,
      signedUrls: [],
    },
    async put(request) {
      checkPut(request)
      const { body } = request
      const source = 'path' in body ? createReadStream(body.path) : body
      return store(request, await bytesOf(source, request))
    },
    async get(request) {
      checkGet(request)
      const { key, ifMatch, ifNoneMatch, signal } = request
      const found = find(key, ifMatch)
      if (found.etag === ifNoneMatch)
        throw storageError('FILES_REMOTE_NOT_MODIFIED', `"${key}" still is that version.`)
      return { ...statOf(key, found), body: bodyOf(rangeOf(request, found.bytes), signal) }
    },
    async stat({ key, signal }) {
      const found = row(parseKey(key))
      throwIfAborted(signal)
      return found ? statOf(key, found) : null
    },
    async delete({ key, ifMatch, signal }) {
      parseKey(key)
      throwIfAborted(signal)
      if (ifMatch !== undefined) throw unsupported('delete with ifMatch')
      database.prepare('DELETE FROM objects WHERE key = ?').run(key)
    },
    list,
    async copy({ sourceKey, key, sourceIfMatch, signal }) {
      parseKey(key)
      throwIfAborted(signal)
      const { bytes, mediaType, metadata } = find(parseKey(sourceKey), sourceIfMatch)
      return store({ key, mediaType, metadata: JSON.parse(metadata) }, bytes)
    },
    compose: async () => Promise.reject(unsupported('compose')),
    signUrl: async () => Promise.reject(unsupported('signUrl')),
  }
}

function statOf(key: string, { etag, bytes, mediaType, metadata }: Row) {
  return { key, etag, sizeBytes: bytes.byteLength, mediaType, metadata: JSON.parse(metadata) }
}

const CHUNK_BYTES = 64 * 1024

function bodyOf(bytes: Uint8Array, signal: AbortSignal | undefined): Readable {
  async function* chunks() {
    for (let at = 0; at < bytes.byteLength; at += CHUNK_BYTES) {
      throwIfAborted(signal)
      yield bytes.subarray(at, at + CHUNK_BYTES)
    }
  }
  return Readable.from(chunks(), { objectMode: false })
}

function otherVersion(key: string) {
  const message = `Another version stands under "${key}".`
  return storageError('FILES_REMOTE_PRECONDITION_FAILED', message, { outcome: 'rejected' })
}

function unsupported(call: string) {
  return storageError('FILES_REMOTE_UNSUPPORTED', `This provider does not support ${call}.`)
}
