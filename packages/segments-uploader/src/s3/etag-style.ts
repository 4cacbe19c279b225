import { isIntegrationError } from '@mortise/errors'
import type { S3Bucket } from './s3-bucket.ts'
import { statS3Object } from './stat-s3-object.ts'

interface Conditional {
  readonly key: string
  readonly ifMatch?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Sends a conditional write in the store's own spelling of versions. S3 quotes them; older Ceph and DigitalOcean
 * Spaces refuse quoted ones. A refusal while that very version stands there says which kind this store is.
 */
export async function withEtagStyle<Result>(
  s3: S3Bucket,
  request: Conditional,
  options: { send: () => Promise<Result>; repeatable: boolean },
): Promise<Result> {
  const { quoted } = s3.etags // several that are under way must not turn it back and forth
  try {
    const result = await options.send()
    if (request.ifMatch !== undefined) s3.etags.known = true
    return result
  } catch (error) {
    const { ifMatch } = request
    if (s3.etags.known || ifMatch === undefined || !isMismatch(error)) throw error
    if ((await statS3Object(s3, request))?.etag !== ifMatch) throw error
    s3.etags.quoted = !quoted
    if (!options.repeatable) throw error // the next try comes with a new stream
    return await options.send()
  }
}

/** 409 is something else: somebody is writing right now, and the version may still be the old one. */
function isMismatch(error: unknown): boolean {
  return isIntegrationError(error) && error.status === 412
}
