import type { Readable } from 'node:stream'
import type { DownloadRequest, DownloadResult } from './download-request.ts'
import type { ObjectMetadata, ObjectStat } from './object-stat.ts'
import type { SignedMethod, SignedUrl, SignUrlRequest } from './sign-request.ts'

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
  /** A faster way to a file than `get`, where the provider has one. `downloadObject` uses it. Every call starts anew. */
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

/** Bytes from `start` to `end`, both counted from 0 and both inside, as in HTTP. Default `end`: the last byte. */
export interface ByteRange {
  readonly start: number
  readonly end?: number | undefined
}

/** A body to store: bytes, any async source of bytes (every `Readable` is one), or a local file. */
export type PutBody = Uint8Array | Readable | AsyncIterable<Uint8Array> | { readonly path: string }

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
  /** What it is kept under once it is replaced, where the storage keeps what was replaced: another one for every write. */
  readonly versionId?: string | undefined
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
