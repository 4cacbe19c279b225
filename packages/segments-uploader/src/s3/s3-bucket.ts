import { Readable } from 'node:stream'
import type { S3Client } from '@aws-sdk/client-s3'
import { fromUnknown, TransientError } from '@mortise/errors'
import type { SegmentPut } from '../segment-target.ts'
import { SEGMENTS_CODES } from '../segments-errors.ts'
import type { S3Action } from './s3-action.ts'
import { toS3SegmentsError } from './s3-segments-errors.ts'

export interface S3Bucket {
  readonly client: S3Client
  readonly bucket: string
  /** How this store spells versions in conditions; learnt from its answers. */
  readonly etags: { quoted: boolean; known: boolean }
}

/** What is asked, of which object, and for how long. */
export interface S3Call {
  readonly action: S3Action
  readonly key: string
  readonly signal?: AbortSignal | undefined
}

/** Sends one command; whatever fails is an error of ours. */
export async function sendTo<Input extends object, Output extends object>(
  { client, bucket }: S3Bucket,
  { action, key, signal }: S3Call,
  command: Command<Input, Output>,
): Promise<Output> {
  try {
    const send = client.send.bind(client) as unknown as Send
    return (await send(command, { abortSignal: signal })) as Output
  } catch (error) {
    throw toS3SegmentsError(error, { action, bucket, key })
  }
}

/** The same with a body that is read while it is sent. When reading fails, the request ends and stores nothing. */
export async function sendStream<Input extends object, Output extends object>(
  s3: S3Bucket,
  call: S3Call,
  body: AsyncIterable<Uint8Array>,
  command: (stream: Readable) => Command<Input, Output>,
): Promise<Output> {
  const broken = new AbortController()
  let failure: unknown
  let settle = () => {}
  const settled = new Promise<void>((resolve) => {
    settle = resolve
  })
  // The SDK wraps the stream into others that nobody listens to, so an error in it would end the process. It never
  // sees one: the request is aborted first, and the stream ends when that is done.
  const quiet = async function* () {
    try {
      yield* body
    } catch (error) {
      failure = error
      broken.abort(error)
      await settled
    }
  }
  const signal = call.signal ? AbortSignal.any([call.signal, broken.signal]) : broken.signal
  try {
    return await sendTo(
      s3,
      { ...call, signal },
      command(Readable.from(quiet(), { objectMode: false })),
    )
  } catch (error) {
    throw failure === undefined ? error : fromUnknown(failure)
  } finally {
    settle()
  }
}

type Send = (
  command: unknown,
  options: { abortSignal: AbortSignal | undefined },
) => Promise<unknown>

/** What is asked of a command's type: enough to know its answer. */
interface Command<Input extends object, Output extends object> {
  readonly input: Input
  resolveMiddleware: (...received: never[]) => (...received: never[]) => Promise<{ output: Output }>
}

/** The fields that every writing command shares. */
export function writeFields(s3: S3Bucket, request: Omit<SegmentPut, 'body'>) {
  return {
    ContentType: request.mediaType,
    Metadata: request.metadata && { ...request.metadata },
    ...conditionFields(s3, request),
  }
}

export function conditionFields(
  { etags }: S3Bucket,
  request: Pick<SegmentPut, 'ifMatch' | 'ifNoneMatch'>,
) {
  return {
    IfMatch: etags.quoted ? request.ifMatch && `"${request.ifMatch}"` : request.ifMatch,
    IfNoneMatch: request.ifNoneMatch,
  }
}

/**
 * A version without its quotes; S3 speaks them with quotes and some of its imitators without.
 * @throws {TransientError} SEGMENTS_TARGET_FAILED when the answer has none, as old Ceph's to a completed upload: asking
 *   afterwards could find the version of somebody else, so the writer has to look for its own mark
 */
export function bareEtag(etag: string | undefined): string {
  if (etag) return etag.replaceAll('"', '')
  throw new TransientError('The store did not say which version it made', {
    code: SEGMENTS_CODES.targetFailed,
    outcome: 'unknown',
  })
}

/** How large the whole object is, from the answer to a GET of it or of a range. */
export function wholeSize(answer: {
  ContentRange?: string | undefined
  ContentLength?: number | undefined
}): number {
  const total = answer.ContentRange?.split('/')[1]
  return total === undefined ? (answer.ContentLength ?? 0) : Number(total)
}
