import type { FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { aborted } from '../storage-errors.ts'
import { truncated } from '../write-file-whole.ts'
import { fromFsError } from './fs-errors.ts'

/** Large reads: the thread pool is asked once for each. */
const READ_BYTES = 256 * 1024

export interface FsBodyOptions {
  readonly key: string
  readonly start: number
  readonly length: number
  readonly signal?: AbortSignal | undefined
}

/** A range of an open file as a stream that closes the file at its end, on failure, and when nobody reads it. */
export function fsBody(handle: FileHandle, options: FsBodyOptions): Readable {
  const { key, signal } = options
  let position = options.start
  let left = options.length
  const onAbort = () => body.destroy(aborted(signal, { key }))
  const body: Readable = new Readable({
    highWaterMark: READ_BYTES,
    read() {
      if (left === 0) {
        this.push(null)
        return
      }
      const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, left))
      handle.read(buffer, 0, buffer.length, position).then(
        ({ bytesRead }) => {
          if (bytesRead === 0) return this.destroy(truncated(options.length, options.length - left))
          position += bytesRead
          left -= bytesRead
          this.push(buffer.subarray(0, bytesRead))
          return undefined
        },
        (error: unknown) => this.destroy(fromFsError(error, key)),
      )
    },
    destroy(error, done) {
      signal?.removeEventListener('abort', onAbort)
      handle.close().then(
        () => done(error),
        () => done(error),
      )
    },
  })
  signal?.addEventListener('abort', onAbort, { once: true })
  return body
}
