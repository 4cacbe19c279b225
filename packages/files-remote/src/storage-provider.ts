import type { Readable } from 'node:stream'

/**
 * One place that keeps whole objects under keys. The same calls mean the same on S3, on a disk and in memory.
 *
 * Every rejection is an error of `@mortise/errors` with a `FILES_REMOTE_…` code; nothing foreign escapes.
 * A key that breaks the rules of `parseKey` rejects with `FILES_REMOTE_KEY_INVALID` before anything is sent.
 * An aborted call rejects with `FILES_REMOTE_ABORTED`.
 */
export interface StorageProvider {
  /** What this provider can do. What it cannot do rejects with `FILES_REMOTE_UNSUPPORTED`. */
  readonly capabilities: StorageCapabilities
  /**
   * Stores a whole object and replaces what stood there. Readers see the old object or the new one, never a
   * part of either. A body that fails or ends early stores nothing.
   * @throws {PermanentError} FILES_REMOTE_PRECONDITION_FAILED when `ifMatch` or `ifNoneMatch` does not hold
   * @throws {PermanentError} FILES_REMOTE_SIZE_MISMATCH when the body is not `sizeBytes` long
   */
  readonly put: (request: PutRequest) => Promise<PutResult>
  /**
   * Opens an object for reading. Read `body` to its end or destroy it.
   * @throws {PermanentError} FILES_REMOTE_OBJECT_NOT_FOUND when there is no such object
   * @throws {PermanentError} FILES_REMOTE_PRECONDITION_FAILED when it is not the version of `ifMatch`
   * @throws {PermanentError} FILES_REMOTE_NOT_MODIFIED when it still is the version of `ifNoneMatch`
   * @throws {PermanentError} FILES_REMOTE_RANGE_INVALID when `range` begins at or behind the end
   */
  readonly get: (request: GetRequest) => Promise<GetResult>
  /** What is known of an object without reading it; `null` when there is none. */
  readonly stat: (request: StatRequest) => Promise<ObjectStat | null>
  /**
   * Removes an object. An absent key succeeds, except under `ifMatch`.
   * @throws {PermanentError} FILES_REMOTE_PRECONDITION_FAILED when it is not the version of `ifMatch`
   */
  readonly delete: (request: DeleteRequest) => Promise<void>
  /** Walks over the keys in the order of their UTF-8 bytes. Nothing is asked for before the first step. */
  readonly list: (request?: ListRequest) => AsyncIterable<ListEntry>
  /**
   * Copies an object with its media type and metadata, without moving the bytes through this process where
   * the provider can.
   * @throws {PermanentError} FILES_REMOTE_OBJECT_NOT_FOUND when there is no source
   * @throws {PermanentError} FILES_REMOTE_PRECONDITION_FAILED when the source is not the version of `sourceIfMatch`
   */
  readonly copy: (request: CopyRequest) => Promise<PutResult>
  /**
   * Stores an object made of ranges of stored objects and of new bytes, in this order, in one atomic step.
   * Appending is: one part that is the object itself, one part that is new, `ifMatch` the version appended to.
   * @throws {PermanentError} FILES_REMOTE_UNSUPPORTED without the capability, or when a part other than the
   *   last is smaller than `capabilities.compose.minPartBytes`
   */
  readonly compose: (request: ComposeRequest) => Promise<PutResult>
  /**
   * Signs a request that somebody without credentials may make until it expires. Does not ask whether the
   * object is there.
   * @throws {PermanentError} FILES_REMOTE_UNSUPPORTED when `capabilities.signedUrls` lacks the method
   */
  readonly signUrl: (request: SignUrlRequest) => Promise<SignedUrl>
  /** A faster way to a file than `get`, where the provider has one. `downloadObject` uses it. */
  readonly download?: (request: DownloadRequest) => Promise<DownloadResult>
}

/** What a provider can do beyond the plain calls. */
export interface StorageCapabilities {
  /** `ifMatch` and `ifNoneMatch` of `put` are decided atomically: of two racing writers exactly one wins. */
  readonly conditionalWrites: boolean
  /** The same for `ifMatch` of `delete`. */
  readonly conditionalDeletes: boolean
  /** `compose` works, and every part but the last has at least `minPartBytes`. */
  readonly compose: { readonly minPartBytes: number } | false
  /** The methods that `signUrl` signs. */
  readonly signedUrls: readonly SignedMethod[]
}

/** What a signed request may do: read, store a body, or store the file of a form. */
export type SignedMethod = 'GET' | 'PUT' | 'POST'

/** Bytes from `start` to `end`, both counted from 0 and both inside, as in HTTP. Default `end`: the last byte. */
export interface ByteRange {
  readonly start: number
  readonly end?: number | undefined
}

/** A body to store: bytes, any async source of bytes (every `Readable` is one), or a local file. */
export type PutBody = Uint8Array | Readable | AsyncIterable<Uint8Array> | { readonly path: string }

/** Free text by name. Names are lower-case letters, digits and `-`; at most 2,048 bytes in all. */
export type ObjectMetadata = Readonly<Record<string, string>>

/** What to store. */
export interface PutRequest {
  readonly key: string
  readonly body: PutBody
  /** Stored and given back. Default: `application/octet-stream`. */
  readonly mediaType?: string | undefined
  readonly metadata?: ObjectMetadata | undefined
  /** How long the body is to be. Default: as long as it is. */
  readonly sizeBytes?: number | undefined
  /** Store only while this version stands there. */
  readonly ifMatch?: string | undefined
  /** Store only while nothing stands there. */
  readonly ifNoneMatch?: '*' | undefined
  readonly signal?: AbortSignal | undefined
}

/** What was stored. */
export interface PutResult {
  readonly key: string
  /** The version: opaque, without quotes, different after every change of content. */
  readonly etag: string
  readonly sizeBytes: number
}

/** What to read. Conditions are about the version: `ifMatch` wants this one, `ifNoneMatch` any other. */
export interface GetRequest {
  readonly key: string
  readonly range?: ByteRange | undefined
  readonly ifMatch?: string | undefined
  readonly ifNoneMatch?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** An object that has been opened. */
export interface GetResult extends ObjectStat {
  /** The asked bytes. Fails with an error of ours rather than ending early. */
  readonly body: Readable
}

/** What is known of a stored object. */
export interface ObjectStat {
  readonly key: string
  readonly etag: string
  /** Size of the whole object, also when a range was asked. */
  readonly sizeBytes: number
  readonly mediaType?: string | undefined
  readonly metadata?: ObjectMetadata | undefined
  readonly lastModified?: Date | undefined
}

/** What to ask about. */
export interface StatRequest {
  readonly key: string
  readonly signal?: AbortSignal | undefined
}

/** What to remove; with `ifMatch` only while it is that version. */
export interface DeleteRequest {
  readonly key: string
  readonly ifMatch?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** Which keys to walk over. Default: all. */
export interface ListRequest {
  /** Only keys that begin with this. Default: all. */
  readonly prefix?: string | undefined
  /** Keys that agree up to the next delimiter behind the prefix become one entry of kind `prefix`. */
  readonly delimiter?: string | undefined
  /** Only keys behind this one; the key of the last entry goes on where a walk stopped. */
  readonly startAfter?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** One step of a listing: an object, or all keys that go on behind a delimiter. */
export type ListEntry =
  | {
      readonly kind: 'object'
      readonly key: string
      readonly etag: string
      readonly sizeBytes: number
      readonly lastModified?: Date | undefined
    }
  | { readonly kind: 'prefix'; readonly prefix: string }

/** What to copy, and where to. Both keys are of the same provider. */
export interface CopyRequest {
  readonly sourceKey: string
  readonly key: string
  readonly sourceIfMatch?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** What an object is to be made of. */
export interface ComposeRequest {
  readonly key: string
  readonly parts: readonly ComposePart[]
  readonly mediaType?: string | undefined
  readonly metadata?: ObjectMetadata | undefined
  readonly ifMatch?: string | undefined
  readonly ifNoneMatch?: '*' | undefined
  readonly signal?: AbortSignal | undefined
}

/** Stored bytes, checked to be of version `ifMatch` where given, or new ones. */
export type ComposePart =
  | {
      readonly key: string
      readonly range?: ByteRange | undefined
      readonly ifMatch?: string | undefined
    }
  | { readonly body: Uint8Array }

/** Seconds, because signatures count whole seconds. Default 1800, at most 604800 (seven days). */
interface SignRequest {
  readonly key: string
  readonly expiresInSeconds?: number | undefined
}

/** A read to sign. */
export interface SignGetRequest extends SignRequest {
  readonly method: 'GET'
  /** The browser saves the answer under this name. Default: no `Content-Disposition`. */
  readonly downloadName?: string | undefined
}

/** An upload to sign. */
export interface SignPutRequest extends SignRequest {
  readonly method: 'PUT'
  /** The type that the upload must have. Default: `application/octet-stream`. */
  readonly mediaType?: string | undefined
  /** The upload must be exactly this long. Default: any. */
  readonly sizeBytes?: number | undefined
}

/** An upload by a form to sign: the form, unlike PUT, can limit the size. */
export interface SignPostRequest extends SignRequest {
  readonly method: 'POST'
  /** The type that the form must name. Default: `application/octet-stream`. */
  readonly mediaType?: string | undefined
  /** Smallest accepted upload in bytes. Default 0. */
  readonly minBytes?: number | undefined
  /** Largest accepted upload in bytes. A form without a limit is refused. */
  readonly maxBytes: number
}

/** A request to sign. */
export type SignUrlRequest = SignGetRequest | SignPutRequest | SignPostRequest

/** A request that somebody else may make as it stands. */
export interface SignedUrl {
  readonly method: SignedMethod
  readonly url: string
  /** Headers that must be sent along. */
  readonly headers: Readonly<Record<string, string>>
  /** For POST: the form fields that stand before the field `file`. Otherwise empty. */
  readonly fields: Readonly<Record<string, string>>
  readonly expiresAt: Date
}

/** What to fetch to a local file. */
export interface DownloadRequest {
  readonly key: string
  /** The file to make or replace. Its folder must be there. */
  readonly path: string
  /** Refuse a larger object. Default: no limit. */
  readonly maxBytes?: number | undefined
  readonly ifMatch?: string | undefined
  readonly signal?: AbortSignal | undefined
  /** Whether the file survives a power cut, not only a crash of the process. Default `false`. */
  readonly durable?: boolean | undefined
  /** Called with the bytes on disk so far and the size of the whole. */
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined
}

/** How far a transfer is, in bytes. */
export interface TransferProgress {
  readonly transferredBytes: number
  readonly totalBytes: number
}

/** What was fetched. */
export interface DownloadResult extends ObjectStat {
  /** Whether the bytes were compared with a checksum that the provider stored with the object. */
  readonly verified: boolean
}
