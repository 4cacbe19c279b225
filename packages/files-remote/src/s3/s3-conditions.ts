import { randomUUID } from 'node:crypto'
import { IntegrationError } from '@mortise/errors'
import type { ObjectMetadata } from '../object-stat.ts'
import { hasCode } from '../storage-errors.ts'
import type { PutResult } from '../storage-provider.ts'
import { bareEtag, type S3Bucket, versionOf } from './s3-bucket.ts'
import { headS3, WRITE_TOKEN } from './s3-stat.ts'

/*
 * A conditional write whose answer is lost is sent again by the SDK, and then fails on its own success: the
 * object now is what the first try made it. So every conditional write carries a token of its own in the
 * metadata, and a refusal is believed only after a look at whose object stands there. So does every upload in
 * parts: asked to complete a second time, the storage says that there is no such upload.
 */

export interface ConditionalWrite {
  readonly key: string
  readonly sizeBytes: number
  readonly ifMatch?: string | undefined
  readonly ifNoneMatch?: '*' | undefined
  readonly token: string | undefined
  readonly signal?: AbortSignal | undefined
}

export interface ConditionHeaders {
  readonly IfMatch: string | undefined
  readonly IfNoneMatch: '*' | undefined
}

/** What the server says of what it has stored. */
export interface WriteAnswer {
  readonly ETag?: string | undefined
  readonly VersionId?: string | undefined
}

/** A token for a write that must not be repeated blindly. */
export function newWriteToken(): string {
  return randomUUID()
}

/** The token of a write in one request: needed under a condition; otherwise repeating does no harm. */
export function writeToken(request: {
  ifMatch?: string | undefined
  ifNoneMatch?: '*' | undefined
}): string | undefined {
  return request.ifMatch === undefined && request.ifNoneMatch === undefined
    ? undefined
    : randomUUID()
}

export function withToken(
  metadata: ObjectMetadata | undefined,
  token: string | undefined,
): ObjectMetadata {
  return { ...metadata, ...(token !== undefined && { [WRITE_TOKEN]: token }) }
}

/** Sends a write under its condition, in the form of ETag that this server takes, and settles a lost answer. */
export async function sendConditional(
  bucket: S3Bucket,
  write: ConditionalWrite,
  send: (headers: ConditionHeaders) => Promise<WriteAnswer>,
): Promise<PutResult> {
  const { key, ifMatch, ifNoneMatch, sizeBytes, signal } = write
  const form = bucket.learned.etagForm === 'bare' ? 'bare' : 'quoted'
  try {
    const { ETag, VersionId } = await send({
      IfMatch: inForm(ifMatch, form),
      IfNoneMatch: ifNoneMatch,
    })
    if (ifMatch !== undefined) bucket.learned.etagForm = form
    // Ceph before 17 completes without naming the ETag.
    const etag = bareEtag(ETag) || ((await headS3(bucket, { key, signal }))?.stat.etag ?? '')
    return { key, etag, sizeBytes, ...versionOf(VersionId) }
  } catch (error) {
    if (write.token === undefined || !isOpen(error)) throw error
    const now = await headS3(bucket, { key, signal }).catch(() => {
      throw error
    })
    if (now?.token === write.token) {
      return { key, etag: now.stat.etag, sizeBytes, ...versionOf(now.versionId) }
    }
    if (now === null || !wantsBareForm(bucket, error, ifMatch, now.stat.etag)) throw error
    bucket.learned.etagForm = 'bare'
    return sendConditional(bucket, write, send)
  }
}

/** Whether the write may have happened all the same. */
function isOpen(error: unknown): boolean {
  return (
    hasCode(error, 'FILES_REMOTE_PRECONDITION_FAILED') ||
    (error instanceof IntegrationError && error.outcome === 'unknown')
  )
}

/**
 * Whether the server refused a version that stands there: Ceph before 20 and some others compare the header
 * with its quotes.
 * @see https://github.com/slatedb/slatedb/issues/1818
 */
function wantsBareForm(
  bucket: S3Bucket,
  error: unknown,
  ifMatch: string | undefined,
  etag: string,
): boolean {
  return (
    bucket.learned.etagForm === 'unknown' &&
    hasCode(error, 'FILES_REMOTE_PRECONDITION_FAILED') &&
    ifMatch === etag
  )
}

function inForm(etag: string | undefined, form: 'quoted' | 'bare'): string | undefined {
  return etag === undefined || form === 'bare' ? etag : `"${etag}"`
}
