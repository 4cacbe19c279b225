import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { GetObjectCommand } from '@aws-sdk/client-s3'
import { isIntegrationError } from '@mortise/errors'
import type { ResolvedRange } from '../byte-range.ts'
import { aborted, hasCode, throwIfAborted } from '../storage-errors.ts'
import { connectionOptionsOf } from './s3-agent.ts'
import { s3Body } from './s3-body.ts'
import { quotedEtag, type S3Bucket, sendS3, target } from './s3-bucket.ts'
import {
  type ByteSink,
  type DirectConnection,
  openDirectConnection,
} from './s3-direct-connection.ts'
import { fromS3Error } from './s3-errors.ts'
import { captureRequest, withOwnValidation } from './s3-request.ts'

/** Tries without a byte of progress before a range is given up. */
const MAX_TRIES = 5

const FIRST_PAUSE_MS = 100

/** Chunks are gathered to this size before they are passed on: fewer, larger writes. */
const GATHER_BYTES = 512 * 1024

export interface RangeSource {
  readonly key: string
  /** The version that every range must be of. */
  readonly etag: string
  readonly signal: AbortSignal
}

/** Fetches ranges of one object, one after the other, over a connection of its own where that is faster. */
export interface RangeFetcher extends Disposable {
  /** Passes the bytes of a range on in order. What breaks off goes on where it was. */
  readonly fetch: (range: ResolvedRange, sink: ByteSink) => Promise<void>
}

export function openRangeFetcher(
  bucket: S3Bucket,
  source: RangeSource,
  options: { readonly direct: boolean },
): RangeFetcher {
  let connection: DirectConnection | undefined
  let direct = options.direct

  const fetchOnce = async (range: ResolvedRange, sink: ByteSink): Promise<void> => {
    if (!direct) return fetchThroughSdk(bucket, source, range, sink)
    // One failure of the direct way is enough; the SDK knows how to tell and to retry the rest.
    direct = false
    const request = await captureRequest(
      bucket.client,
      rangeCommand(bucket, source, range),
      'signed',
    )
    const { protocol, hostname, port = protocol === 'https:' ? 443 : 80 } = request
    const options = connectionOptionsOf(bucket.client, protocol)
    if (!options) return fetchThroughSdk(bucket, source, range, sink)
    if (!connection?.usable()) {
      connection?.[Symbol.dispose]()
      connection = openDirectConnection(
        { hostname, port, ...options },
        { idleTimeoutMs: bucket.idleTimeoutMs, signal: source.signal },
      )
    }
    const expected = { status: 206, length: range.end + 1 - range.start }
    await connection.get(request, expected, sink).catch((error: unknown) => {
      throw fromS3Error(error, { key: source.key, bucket: bucket.name, signal: source.signal })
    })
    direct = true
  }

  return {
    fetch: async (range, sink) => {
      let start = range.start
      let tries = 0
      // What the sink has been given counts as fetched, so what becomes of it must not be lost with a connection.
      let writing: Promise<unknown> = Promise.resolve()
      const counting: ByteSink = (bytes) => {
        start += bytes.length
        tries = 0
        const write = sink(bytes)
        writing = Promise.all([writing, write])
        writing.catch(() => undefined)
        return write
      }
      while (start <= range.end) {
        try {
          await fetchOnce({ start, end: range.end }, counting)
        } catch (error) {
          await writing
          if (source.signal.aborted) throw aborted(source.signal, { key: source.key })
          tries += 1
          if (tries >= MAX_TRIES || !isPassing(error)) throw error
          await sleep(FIRST_PAUSE_MS * 2 ** (tries - 1) * (0.5 + Math.random() / 2), undefined, {
            signal: source.signal,
          }).catch(() => undefined)
        }
      }
      await writing
    },
    [Symbol.dispose]: () => connection?.[Symbol.dispose](),
  }
}

/** What another try may heal: not a full disk, not another version. */
function isPassing(error: unknown): boolean {
  return isIntegrationError(error) && error.retryable && !hasCode(error, 'FILES_REMOTE_DISK_FULL')
}

function rangeCommand(bucket: S3Bucket, { key, etag }: RangeSource, { start, end }: ResolvedRange) {
  return withOwnValidation(
    new GetObjectCommand({
      ...target(bucket, key),
      Range: `bytes=${start}-${end}`,
      IfMatch: quotedEtag(etag),
    }),
  )
}

async function fetchThroughSdk(
  bucket: S3Bucket,
  source: RangeSource,
  range: ResolvedRange,
  sink: ByteSink,
): Promise<void> {
  const { key, signal } = source
  const command = rangeCommand(bucket, source, range)
  const answer = await sendS3(bucket, { key, signal }, command)
  const expectedBytes = range.end + 1 - range.start
  const body = s3Body(bucket, answer.Body as Readable, { key, expectedBytes, signal })
  let gathered: Buffer[] = []
  let size = 0
  let writing: Promise<void> = Promise.resolve()
  for await (const chunk of body as AsyncIterable<Buffer>) {
    throwIfAborted(signal)
    gathered.push(chunk)
    size += chunk.length
    if (size < GATHER_BYTES) continue
    await writing
    writing = sink(Buffer.concat(gathered))
    writing.catch(() => undefined)
    gathered = []
    size = 0
  }
  await writing
  if (size > 0) await sink(Buffer.concat(gathered))
}
