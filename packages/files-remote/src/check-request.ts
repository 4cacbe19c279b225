import { checkRange } from './byte-range.ts'
import type { ObjectMetadata } from './object-stat.ts'
import { parseKey } from './parse-key.ts'
import type { SignUrlRequest } from './sign-request.ts'
import { storageError, throwIfAborted } from './storage-errors.ts'
import type {
  ComposeRequest,
  CopyRequest,
  DeleteRequest,
  GetRequest,
  PutRequest,
  StatRequest,
} from './storage-provider.ts'

/**
 * The most bytes of metadata, names and values together.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
 */
export const MAX_METADATA_BYTES = 2048

/** How long a signed URL holds when nobody says, in seconds. */
export const DEFAULT_EXPIRES_IN_SECONDS = 1800

/**
 * The longest life of a signed URL: seven days.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
export const MAX_EXPIRES_IN_SECONDS = 604_800

/** What bytes are when nobody says. */
export const DEFAULT_MEDIA_TYPE = 'application/octet-stream'

const METADATA_NAME = /^[a-z0-9][a-z0-9-]*$/
const METADATA_VALUE = /^[\x20-\x7e]*$/
const MEDIA_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(\s*;[\x20-\x7e]*)?$/

/**
 * Checks a `put` before anything is done; with its siblings, the door that all adapters share.
 * @throws {TypeError} when an option is wrong; it names the option
 * @throws {PermanentError} FILES_REMOTE_KEY_INVALID when the key breaks a rule
 * @throws {TransientError} FILES_REMOTE_ABORTED when the signal has fired
 */
export function checkPut(request: PutRequest): void {
  parseKey(request.key)
  checkBody(request.body)
  checkAttributes(request)
  const { sizeBytes } = request
  if (sizeBytes !== undefined && !(Number.isSafeInteger(sizeBytes) && sizeBytes >= 0)) {
    throw new TypeError(`sizeBytes must be a whole number >= 0, got ${sizeBytes}.`)
  }
  throwIfAborted(request.signal)
}

/** Checks a `get`, as `checkPut` does a `put`. */
export function checkGet(request: GetRequest): void {
  parseKey(request.key)
  checkRange(request.range)
  checkEtag(request.ifMatch, 'ifMatch')
  checkEtag(request.ifNoneMatch, 'ifNoneMatch')
  throwIfAborted(request.signal)
}

/** Checks a `stat`, as `checkPut` does a `put`. */
export function checkStat(request: StatRequest): void {
  parseKey(request.key)
  throwIfAborted(request.signal)
}

/** Checks a `delete`, as `checkPut` does a `put`. */
export function checkDelete(request: DeleteRequest): void {
  parseKey(request.key)
  checkEtag(request.ifMatch, 'ifMatch')
  throwIfAborted(request.signal)
}

/** Checks a `copy`, as `checkPut` does a `put`. */
export function checkCopy(request: CopyRequest): void {
  parseKey(request.sourceKey, 'sourceKey')
  parseKey(request.key)
  checkEtag(request.sourceIfMatch, 'sourceIfMatch')
  throwIfAborted(request.signal)
}

/** Checks a `compose`, as `checkPut` does a `put`. */
export function checkCompose(request: ComposeRequest): void {
  parseKey(request.key)
  checkAttributes(request)
  if (!Array.isArray(request.parts) || request.parts.length === 0) {
    throw new TypeError('parts must be a list of at least one part.')
  }
  request.parts.forEach((part, index) => {
    if ('body' in part) {
      if (part.body instanceof Uint8Array) return
      throw new TypeError(`parts[${index}].body must be a Uint8Array.`)
    }
    parseKey(part.key, `parts[${index}].key`)
    checkRange(part.range)
    checkEtag(part.ifMatch, `parts[${index}].ifMatch`)
  })
  throwIfAborted(request.signal)
}

/** Checks a request to sign and gives the life of the signature. */
export function checkSignUrl(request: SignUrlRequest): { expiresInSeconds: number } {
  parseKey(request.key)
  if (!['GET', 'PUT', 'POST'].includes(request.method)) {
    throw new TypeError(`method must be "GET", "PUT" or "POST", got ${String(request.method)}.`)
  }
  if ('mediaType' in request) checkMediaType(request.mediaType)
  if (request.method === 'POST' && !(request.maxBytes >= (request.minBytes ?? 0))) {
    throw new TypeError(`maxBytes must be a number >= minBytes, got ${request.maxBytes}.`)
  }
  return { expiresInSeconds: parseExpiresIn(request.expiresInSeconds, 'expiresInSeconds') }
}

/** The type of what is written. */
export function mediaTypeOf({ mediaType }: { readonly mediaType?: string | undefined }): string {
  return mediaType ?? DEFAULT_MEDIA_TYPE
}

/** Checks the life of a signed URL in whole seconds. */
export function parseExpiresIn(seconds: number | undefined, name: string): number {
  const value = seconds ?? DEFAULT_EXPIRES_IN_SECONDS
  if (Number.isSafeInteger(value) && value >= 1 && value <= MAX_EXPIRES_IN_SECONDS) return value
  throw new TypeError(
    `${name} must be a whole number of seconds from 1 to ${MAX_EXPIRES_IN_SECONDS} (seven days), got ${value}.`,
  )
}

/** Checks an ETag: bare, without quotes. */
export function checkEtag(etag: string | undefined, name: string): void {
  if (etag === undefined) return
  if (typeof etag !== 'string' || etag === '' || /[^\x21\x23-\x7e]/.test(etag)) {
    throw new TypeError(
      `${name} must be an etag as put, get and stat give it (without quotes), got ${JSON.stringify(etag)}.`,
    )
  }
}

interface Attributes {
  readonly mediaType?: string | undefined
  readonly metadata?: ObjectMetadata | undefined
  readonly ifMatch?: string | undefined
  readonly ifNoneMatch?: string | undefined
}

function checkAttributes({ mediaType, metadata, ifMatch, ifNoneMatch }: Attributes): void {
  checkMediaType(mediaType)
  checkMetadata(metadata)
  checkEtag(ifMatch, 'ifMatch')
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') {
    throw new TypeError(`ifNoneMatch of a write must be "*", got ${JSON.stringify(ifNoneMatch)}.`)
  }
  if (ifMatch !== undefined && ifNoneMatch !== undefined) {
    throw new TypeError('Give ifMatch or ifNoneMatch, not both: together they never hold.')
  }
}

function checkBody(body: unknown): void {
  if (body instanceof Uint8Array) return
  if (typeof body === 'object' && body !== null) {
    if (Symbol.asyncIterator in body) return
    if ('path' in body && typeof body.path === 'string' && body.path !== '') return
  }
  const got =
    typeof body === 'string' ? 'a string; encode it, or give { path } for a file' : typeof body
  throw new TypeError(
    `body must be a Uint8Array, a stream of bytes or { path: string }, got ${got}.`,
  )
}

function checkMediaType(mediaType: string | undefined): void {
  if (mediaType === undefined || MEDIA_TYPE.test(mediaType)) return
  throw new TypeError(
    `mediaType must look like "text/plain; charset=utf-8", got ${JSON.stringify(mediaType)}.`,
  )
}

function checkMetadata(metadata: ObjectMetadata | undefined): void {
  let bytes = 0
  for (const [name, value] of Object.entries(metadata ?? {})) {
    if (!METADATA_NAME.test(name)) {
      throw new TypeError(`metadata name ${JSON.stringify(name)} must be made of a-z, 0-9 and "-".`)
    }
    if (typeof value !== 'string' || !METADATA_VALUE.test(value) || value !== value.trim()) {
      throw new TypeError(
        `metadata["${name}"] must be printable ASCII without spaces at its ends; encode anything else.`,
      )
    }
    bytes += name.length + value.length
  }
  if (bytes <= MAX_METADATA_BYTES) return
  throw storageError(
    'FILES_REMOTE_REJECTED',
    `metadata has ${bytes} bytes; at most ${MAX_METADATA_BYTES} are allowed.`,
  )
}
