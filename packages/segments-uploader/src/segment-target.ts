/**
 * The place where segments files are kept: whole objects under keys, replaced only under a condition.
 * Every storage provider with conditional writes fits by its shape; nothing has to be adapted.
 *
 * Rejections should be errors of `@mortise/errors`. Two of them are recognised: a condition that does not hold
 * (`status` 412 or 409, or a `code` that ends in `PRECONDITION_FAILED`) and an absent object (a `code` that ends
 * in `OBJECT_NOT_FOUND`). Of the others the `kind` decides whether the write is tried again.
 */
export interface SegmentTarget {
  readonly capabilities: SegmentTargetCapabilities
  /** Stores a whole object in one step: a reader sees the old object or the new one, never a part. */
  readonly put: (request: SegmentPut) => Promise<SegmentVersion>
  /** Opens an object, or the asked range of it. `sizeBytes` is the size of the whole. */
  readonly get: (request: SegmentGet) => Promise<SegmentContent>
  /** What is known of an object without reading it; `null` when there is none. */
  readonly stat: (request: SegmentRequest) => Promise<SegmentObject | null>
  /** Stores an object made of stored ranges and of new bytes, in one step, without moving the stored bytes here. */
  readonly compose: (request: SegmentCompose) => Promise<SegmentVersion>
  /** Walks over the objects whose key begins with `prefix`, ordered by key. Used by the journal alone. */
  readonly list: (request: { readonly prefix: string }) => AsyncIterable<SegmentListEntry>
  /** Removes an object; an absent key succeeds. Used by the journal and the ledger alone. */
  readonly delete: (request: SegmentRequest) => Promise<void>
}

/** What a target can do; what it cannot is gone around or refused. */
export interface SegmentTargetCapabilities {
  /** Of two writers with the same condition exactly one wins. Without it only `singleWriter` is accepted. */
  readonly conditionalWrites: boolean
  /** `compose` works, and every part but the last needs `minPartBytes`. */
  readonly compose: { readonly minPartBytes: number } | false
}

/** Which object a request is about. */
export interface SegmentRequest {
  readonly key: string
  readonly signal?: AbortSignal | undefined
}

/** Bytes from `start` to `end`, both counted from 0 and both inside. Default `end`: the last byte. */
export interface SegmentRange {
  readonly start: number
  readonly end?: number | undefined
}

/** A read: of the whole object or of a range of it. */
export interface SegmentGet extends SegmentRequest {
  readonly range?: SegmentRange | undefined
  /** Only while this version stands there. */
  readonly ifMatch?: string | undefined
}

interface SegmentWrite extends SegmentRequest {
  readonly mediaType?: string | undefined
  /** Names are lower-case letters and `-`; values are ASCII; under 2,048 bytes in all. */
  readonly metadata?: Readonly<Record<string, string>> | undefined
  /** Store only while this version stands there. */
  readonly ifMatch?: string | undefined
  /** Store only while nothing stands there. */
  readonly ifNoneMatch?: '*' | undefined
}

/** A write of a whole object. */
export interface SegmentPut extends SegmentWrite {
  readonly body: Uint8Array | AsyncIterable<Uint8Array>
  /** How long the body is; always given with a stream. */
  readonly sizeBytes?: number | undefined
}

/** A write of an object that is put together on the store's side, parts in order. */
export interface SegmentCompose extends SegmentWrite {
  readonly parts: readonly SegmentPart[]
}

/** A range of a stored object, of version `ifMatch` where given, or new bytes. */
export type SegmentPart =
  | {
      readonly key: string
      readonly range?: SegmentRange | undefined
      readonly ifMatch?: string | undefined
    }
  | { readonly body: Uint8Array }

/** A version of an object: `etag` is opaque and changes whenever the content does. */
export interface SegmentVersion {
  readonly etag: string
  /** From a write to a store that keeps old versions: which one it made. Its conditions are looked at more closely. */
  readonly versionId?: string | undefined
}

/** A version and what is known of it without reading it. */
export interface SegmentObject extends SegmentVersion {
  readonly sizeBytes: number
  readonly metadata?: Readonly<Record<string, string>> | undefined
}

/** A version and its bytes. Leaving the loop over `body` early ends the transfer. */
export interface SegmentContent extends SegmentObject {
  readonly body: AsyncIterable<Uint8Array>
}

/** One step of a walk; only objects are of interest. */
export type SegmentListEntry =
  | { readonly kind: 'object'; readonly key: string; readonly sizeBytes: number }
  | { readonly kind: 'prefix' }
