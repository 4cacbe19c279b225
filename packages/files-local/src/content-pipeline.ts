import { copyError, isIntegrationError } from '@mortise/errors'
import { type ContentDecoder, codingsOf, createContentDecoder } from './content-decoder.ts'
import { DigestCheck, type ExpectedDigest, serverDigest } from './digests.ts'
import { permanent } from './download-error.ts'
import type { FileOptions } from './download-options.ts'
import { headerOf } from './header-of.ts'
import type { Limits } from './limits.ts'
import type { ChunkConsumer, ResponseHead } from './response-receiver.ts'

export interface ContentOptions {
  limits: Limits
  decompress: boolean
  verifyServerDigests: boolean
  /** Digest that the content must have after decompression. */
  expected: ExpectedDigest | undefined
  onData?: FileOptions['onData']
}

/** From the bytes on the wire to the bytes of the file. */
export interface ContentPipeline {
  write: ChunkConsumer
  /** Takes bytes that are in the file already, only into account. */
  skip(chunk: Buffer): void
  /** Settles when everything has been consumed and every digest is right. */
  end(): Promise<void>
  destroy(): void
  /** Bytes after decompression. */
  readonly bytes: number
  /** Whether a digest has been compared. */
  readonly checksDigest: boolean
}

/** A small archive may well expand a hundredfold in its first kilobytes. */
const RATIO_FREE_BYTES = 4 * 1024 * 1024

export function createContentPipeline(
  head: ResponseHead,
  options: ContentOptions,
  consume: ChunkConsumer,
): ContentPipeline {
  const codings = options.decompress ? codingsOf(headerOf(head.headers, 'content-encoding')) : []
  const wireDigest = options.verifyServerDigests ? serverDigest(head.headers) : undefined
  const wire = wireDigest && new DigestCheck(wireDigest)
  const content = options.expected && new DigestCheck(options.expected)
  let wireBytes = 0
  let bytes = 0
  const deliver: ChunkConsumer = (chunk) => {
    bytes += chunk.length
    if (codings.length > 0) checkExpansion(bytes, wireBytes, options.limits)
    content?.update(chunk)
    const called = options.onData && callOnData(options.onData, chunk, bytes)
    return called === undefined ? consume(chunk) : called.then(() => consume(chunk))
  }
  const decoder = codings.length > 0 ? createContentDecoder(codings, deliver) : undefined
  return {
    get bytes() {
      return bytes
    },
    checksDigest: wire !== undefined || content !== undefined,
    write: (chunk) => {
      wireBytes += chunk.length
      wire?.update(chunk)
      return decoder ? decoder.write(chunk) : deliver(chunk)
    },
    skip: (chunk) => {
      wireBytes += chunk.length
      bytes += chunk.length
      wire?.update(chunk)
      content?.update(chunk)
    },
    end: () => finish(decoder, [wire, content]),
    destroy: () => decoder?.destroy(),
  }
}

async function finish(
  decoder: ContentDecoder | undefined,
  checks: (DigestCheck | undefined)[],
): Promise<void> {
  await decoder?.end()
  for (const check of checks) check?.verify()
}

function checkExpansion(bytes: number, wireBytes: number, limits: Limits): void {
  if (bytes > limits.maxBytes) {
    throw permanent(
      `the decompressed file is larger than ${limits.maxBytes} bytes, the option maxBytes`,
      {
        code: 'FILES_LOCAL_SIZE_EXCEEDED',
        details: { maxBytes: limits.maxBytes },
      },
    )
  }
  if (bytes > RATIO_FREE_BYTES && bytes > wireBytes * limits.maxDecompressionRatio) {
    throw permanent(
      `the file expands to more than ${limits.maxDecompressionRatio} times its size, the option maxDecompressionRatio`,
      { code: 'FILES_LOCAL_RATIO_EXCEEDED', details: { bytes, wireBytes } },
    )
  }
}

/** Calls back; a promise only if the callback gave one. */
function callOnData(
  onData: NonNullable<FileOptions['onData']>,
  chunk: Buffer,
  bytes: number,
): Promise<unknown> | undefined {
  try {
    const result = onData(chunk, bytes)
    return isThenable(result)
      ? Promise.resolve(result).catch((error: unknown) => {
          throw callbackFailed('onData', error)
        })
      : undefined
  } catch (error) {
    throw callbackFailed('onData', error)
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  )
}

/** The error for a callback of the caller that threw; an error of ours keeps its kind. */
export function callbackFailed(callback: string, error: unknown): Error {
  const options = {
    code: 'FILES_LOCAL_CALLBACK_FAILED',
    cause: error,
    details: { callback },
  } as const
  return isIntegrationError(error)
    ? copyError(error, { ...options, details: { ...error.details, callback } })
    : permanent(`the callback ${callback} failed: ${describe(error)}`, options)
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
