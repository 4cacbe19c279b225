import { HeadObjectCommand } from '@aws-sdk/client-s3'
import { isConditionRefused } from '../segments-errors.ts'
import { bareEtag, type S3Bucket, sendTo } from './s3-bucket.ts'

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
  try {
    const result = await options.send()
    if (request.ifMatch !== undefined) s3.etags.known = true
    return result
  } catch (error) {
    const { ifMatch } = request
    if (s3.etags.known || ifMatch === undefined || !isConditionRefused(error)) throw error
    if ((await currentEtag(s3, request.key, request.signal)) !== ifMatch) throw error
    s3.etags.quoted = !s3.etags.quoted
    if (!options.repeatable) throw error // the next try comes with a new stream
    return await options.send()
  }
}

/** The version that stands there. */
export async function currentEtag(
  s3: S3Bucket,
  key: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const command = new HeadObjectCommand({ Bucket: s3.bucket, Key: key })
  return bareEtag((await sendTo(s3, key, signal, command)).ETag)
}
