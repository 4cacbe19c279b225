import { isIntegrationError } from '@mortise/errors'
import type { GetRequest, ListEntry, ListRequest, PutRequest } from '@mortise/files-remote'
import { parseKey, storageError } from '@mortise/files-remote'

/** What every provider checks before it does anything: a caller's mistake is a `TypeError` that names the option. */
export function checkPut(request: PutRequest): void {
  parseKey(request.key)
  const { body, sizeBytes, ifMatch, ifNoneMatch, mediaType = 'a/b', metadata = {} } = request
  const isBody =
    typeof body === 'object' && body !== null && ('path' in body || Symbol.asyncIterator in body)
  demand('body', body instanceof Uint8Array || isBody, 'bytes, a stream of bytes or { path }')
  demand('sizeBytes', sizeBytes === undefined || sizeBytes >= 0, 'a number >= 0')
  demand('ifMatch', isEtag(ifMatch) && !(ifMatch && ifNoneMatch), 'an etag, without ifNoneMatch')
  demand('mediaType', /^[\w.+-]+\/[\w.+-]+[\x20-\x7e]*$/.test(mediaType), 'type/subtype')
  const plain = Object.entries(metadata).flat().join('')
  demand('metadata', /^[\x20-\x7e]*$/.test(plain), 'printable ASCII')
  throwIfAborted(request.signal)
}

export function checkGet({ key, range, ifMatch, ifNoneMatch, signal }: GetRequest): void {
  parseKey(key)
  const { start = 0, end = Number.POSITIVE_INFINITY } = range ?? {}
  demand('range.start', start >= 0, 'a number >= 0')
  demand('range.end', end >= start, 'a number >= range.start')
  demand('ifMatch', isEtag(ifMatch), 'an etag')
  demand('ifNoneMatch', isEtag(ifNoneMatch), 'an etag')
  throwIfAborted(signal)
}

const isEtag = (etag: string | undefined) => etag === undefined || /^[^"\s]+$/.test(etag)

function demand(name: string, holds: boolean, what: string): void {
  if (!holds) throw new TypeError(`${name} must be ${what}.`)
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw aborted(signal)
}

const aborted = (signal: AbortSignal) =>
  storageError('FILES_REMOTE_ABORTED', 'The call was aborted.', { cause: signal.reason })

/** The whole body. Gives up when the signal fires, even while the source hangs. */
export async function bytesOf(
  body: Uint8Array | AsyncIterable<Uint8Array>,
  { sizeBytes, signal }: Pick<PutRequest, 'sizeBytes' | 'signal'>,
): Promise<Uint8Array> {
  const bytes = body instanceof Uint8Array ? body : await unlessAborted(collect(body), signal)
  if (sizeBytes === undefined || bytes.byteLength === sizeBytes) return bytes
  const message = `The body has ${bytes.byteLength} bytes, not ${sizeBytes}.`
  throw storageError('FILES_REMOTE_SIZE_MISMATCH', message, { outcome: 'not_sent' })
}

async function collect(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  try {
    for await (const chunk of body) chunks.push(chunk)
  } catch (cause) {
    if (isIntegrationError(cause)) throw cause
    throw storageError('FILES_REMOTE_BODY_FAILED', 'The body failed.', { cause })
  }
  return Buffer.concat(chunks)
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(aborted(signal)), { once: true })
    promise.then(resolve, reject)
  })
}

/** The asked bytes; a range that begins at or behind the end is refused. */
export function rangeOf({ key, range }: GetRequest, bytes: Uint8Array): Uint8Array {
  if (range === undefined) return bytes
  if (range.start < bytes.byteLength)
    return bytes.subarray(range.start, (range.end ?? Infinity) + 1)
  throw storageError('FILES_REMOTE_RANGE_INVALID', `"${key}" ends before byte ${range.start}.`)
}

type Listed = Omit<Extract<ListEntry, { kind: 'object' }>, 'kind'>

/** Filters sorted entries, and folds keys that agree up to the next delimiter behind the prefix. */
export function* folded(entries: Iterable<Listed>, request: ListRequest): Generator<ListEntry> {
  const { prefix = '', delimiter, startAfter = '' } = request
  let last: string | undefined
  for (const entry of entries) {
    if (!entry.key.startsWith(prefix)) continue
    const at = delimiter ? entry.key.indexOf(delimiter, prefix.length) : -1
    const name = at < 0 ? entry.key : entry.key.slice(0, at + 1)
    if (name === last || Buffer.compare(Buffer.from(name), Buffer.from(startAfter)) <= 0) continue
    last = name
    yield at < 0 ? { kind: 'object', ...entry } : { kind: 'prefix', prefix: name }
  }
}
