import type { Transform } from 'node:stream'
import {
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib'
import { permanent, transient } from './download-error.ts'
import type { ChunkConsumer } from './response-receiver.ts'

/** Undoes a `Content-Encoding` chunk by chunk. */
export interface ContentDecoder {
  /** Settles when the chunk is used up. */
  write(chunk: Buffer): Promise<void>
  /** No more will come; settles when everything decoded has been consumed. */
  end(): Promise<void>
  destroy(): void
}

/** Zlib's own 16 KiB cost a third of the speed. */
const zlibOptions = { chunkSize: 256 * 1024 }
/** An encoding of an encoding of an encoding has no use but to exhaust us. */
const MAX_CODINGS = 2

/** Some servers send `deflate` without the zlib header that it should have; its first byte tells. */
const decoders: Record<string, (first: Buffer) => Transform> = {
  gzip: () => createGunzip(zlibOptions),
  deflate: (first) =>
    ((first[0] ?? 0) & 0x0f) === 8 ? createInflate(zlibOptions) : createInflateRaw(zlibOptions),
  br: () => createBrotliDecompress(zlibOptions),
  zstd: () => createZstdDecompress(zlibOptions),
}

/** The codings of a `Content-Encoding` field, in the order they were applied. */
export function codingsOf(field: string | undefined): string[] {
  const names = (field ?? '').toLowerCase().split(',')
  return names
    .map((name) => name.trim().replace(/^x-/, ''))
    .filter((name) => name !== '' && name !== 'identity')
}

/**
 * @throws {PermanentError} FILES_LOCAL_ENCODING_UNSUPPORTED
 */
export function createContentDecoder(
  codings: readonly string[],
  consume: ChunkConsumer,
): ContentDecoder {
  if (codings.length > MAX_CODINGS || codings.some((name) => !Object.hasOwn(decoders, name))) {
    throw permanent(`the content encoding ${codings.join(', ')} is not supported`, {
      code: 'FILES_LOCAL_ENCODING_UNSUPPORTED',
      details: { codings },
    })
  }
  // Made by the first chunk: a body without a byte is empty, not a broken archive.
  let decoder: ContentDecoder | undefined
  return {
    write: (chunk) => {
      decoder ??= chain(
        codings.toReversed().map((name) => (decoders[name] as (first: Buffer) => Transform)(chunk)),
        consume,
      )
      return decoder.write(chunk)
    },
    end: () => decoder?.end() ?? Promise.resolve(),
    destroy: () => decoder?.destroy(),
  }
}

function chain(stages: Transform[], consume: ChunkConsumer): ContentDecoder {
  const first = stages[0] as Transform
  const last = stages.at(-1) as Transform
  const done = Promise.withResolvers<void>()
  let refuse = (_error: unknown): void => {}
  let failure: unknown
  done.promise.catch(() => {})
  const fail = (error: unknown): void => {
    failure ??= error
    done.reject(failure)
    refuse(failure)
    for (const stage of stages) stage.destroy()
  }
  for (const [index, stage] of stages.entries()) {
    stage.on('error', (error) => fail(corrupt(error)))
    const next = stages[index + 1]
    if (next) stage.pipe(next)
  }
  last.on('data', (chunk: Buffer) => {
    try {
      const taken = consume(chunk)
      if (taken === undefined) return
      last.pause()
      taken.then(() => last.resume(), fail)
    } catch (error) {
      fail(error)
    }
  })
  last.on('end', () => done.resolve())
  return {
    write: (chunk) =>
      new Promise((resolve, reject) => {
        // Zlib forgets the callback of the write that it fails on.
        refuse = reject
        first.write(chunk, (error) => {
          if (failure !== undefined) reject(failure)
          else if (error) reject(corrupt(error))
          else resolve()
        })
      }),
    end: () => {
      first.end()
      return done.promise
    },
    destroy: () => fail(new Error('given up')),
  }
}

function corrupt(cause: Error): Error {
  return transient(`the compressed content is damaged: ${cause.message}`, {
    code: 'FILES_LOCAL_BODY_CORRUPT',
    cause,
  })
}
