import { randomUUID } from 'node:crypto'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { Readable } from 'node:stream'
import {
  type PutRequest,
  type StorageErrorCode,
  type StorageProvider,
  storageError,
} from '@mortise/files-remote'
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

interface Row {
  key: string
  etag: string
  bytes: Uint8Array
  mediaType: string
  metadata: string
}

/** Objects as rows of one table. Does everything but delete conditionally, compose and sign addresses. */
export function createSqliteStorageProvider(path: string): StorageProvider {
  const database = new DatabaseSync(path)

  /** Every statement goes through here, so that no foreign error escapes. */
  function query<T>(sql: string, ...values: SQLInputValue[]): T[] {
    try {
      return database.prepare(sql).all(...values) as T[]
    } catch (error) {
      throw fromSqliteError(error)
    }
  }

  query(`CREATE TABLE IF NOT EXISTS objects
    (key TEXT PRIMARY KEY, etag TEXT, bytes BLOB, mediaType TEXT, metadata TEXT)`)

  const row = (key: string) => query<Row>('SELECT * FROM objects WHERE key = ?', key)[0]

  function find(key: string, ifMatch: string | undefined): Row {
    const found = row(key)
    if (!found) throw objectNotFound(key)
    if (ifMatch !== undefined && found.etag !== ifMatch) throw preconditionFailed(key)
    return found
  }

  /** The condition and the write are one statement: of racing writers, in this process or others, one wins. */
  function store(request: Omit<PutRequest, 'body'>, bytes: Uint8Array) {
    const { key, ifMatch, ifNoneMatch, metadata = {} } = request
    const etag = randomUUID()
    const values = [key, etag, bytes, mediaTypeOf(request), JSON.stringify(metadata)]
    const insert = `INSERT OR ${ifNoneMatch ? 'IGNORE' : 'REPLACE'} INTO objects VALUES (?, ?, ?, ?, ?)`
    const update = `UPDATE objects SET (key, etag, bytes, mediaType, metadata) = (?, ?, ?, ?, ?)
      WHERE key = ? AND etag = ?`
    const written =
      ifMatch === undefined
        ? query(`${insert} RETURNING key`, ...values)
        : query(`${update} RETURNING key`, ...values, key, ifMatch)
    if (written.length === 0) throw preconditionFailed(key)
    return { key, etag, sizeBytes: bytes.byteLength }
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
      const chunks: Uint8Array[] = []
      for await (const chunk of readBody(request.body, request)) chunks.push(chunk)
      return store(request, Buffer.concat(chunks))
    },
    async get(request) {
      checkGet(request)
      const { key, range, ifMatch, ifNoneMatch, signal } = request
      const found = find(key, ifMatch)
      if (found.etag === ifNoneMatch) throw notModified(key)
      const { start, end } = resolveRange(range, found.bytes.byteLength)
      return { ...statOf(key, found), body: bodyOf(found.bytes.subarray(start, end + 1), signal) }
    },
    async stat(request) {
      checkStat(request)
      const found = row(request.key)
      return found ? statOf(request.key, found) : null
    },
    async delete(request) {
      checkDelete(request)
      if (request.ifMatch !== undefined)
        throw unsupported('delete with ifMatch', 'not written yet.')
      query('DELETE FROM objects WHERE key = ?', request.key)
    },
    list(request = {}) {
      const rows = query<Listed>('SELECT key, etag, length(bytes) AS sizeBytes FROM objects')
      const byKey = new Map(rows.map((listed) => [listed.key, listed]))
      return listKeys([...byKey.keys()], request, (key) => {
        const listed = byKey.get(key)
        return listed && { kind: 'object', ...listed }
      })
    },
    async copy(request) {
      checkCopy(request)
      const { bytes, mediaType, metadata } = find(request.sourceKey, request.sourceIfMatch)
      return store({ key: request.key, mediaType, metadata: JSON.parse(metadata) }, bytes)
    },
    async compose(request) {
      checkCompose(request)
      throw unsupported('compose', 'rows are written whole.')
    },
    async signUrl(request) {
      checkSignUrl(request)
      throw unsupported('signUrl', 'a table has no address.')
    },
  }
}

/** What SQLite calls a failure, and what we call it. @see https://www.sqlite.org/rescode.html */
const CODES: Record<number, StorageErrorCode> = {
  5: 'FILES_REMOTE_LOCKED', // SQLITE_BUSY
  13: 'FILES_REMOTE_DISK_FULL', // SQLITE_FULL
}

function fromSqliteError(cause: unknown): Error {
  const { errcode = 0 } = cause as { errcode?: number }
  const code = CODES[errcode & 0xff] ?? 'FILES_REMOTE_UNAVAILABLE'
  return storageError(code, 'The database failed.', { cause })
}

interface Listed {
  key: string
  etag: string
  sizeBytes: number
}

function statOf(key: string, { etag, bytes, mediaType, metadata }: Row) {
  return { key, etag, sizeBytes: bytes.byteLength, mediaType, metadata: JSON.parse(metadata) }
}

const CHUNK_BYTES = 64 * 1024

/** In pieces, so that an abort is heard between them. */
function bodyOf(bytes: Uint8Array, signal: AbortSignal | undefined): Readable {
  function* chunks() {
    for (let at = 0; at < bytes.byteLength; at += CHUNK_BYTES) {
      throwIfAborted(signal)
      yield bytes.subarray(at, at + CHUNK_BYTES)
    }
  }
  return Readable.from(chunks(), { objectMode: false })
}
