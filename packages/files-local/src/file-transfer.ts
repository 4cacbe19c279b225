import { read } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { isIntegrationError } from '@mortise/errors'
import { codingsOf } from './content-decoder.ts'
import {
  type ContentOptions,
  type ContentPipeline,
  createContentPipeline,
} from './content-pipeline.ts'
import { parseLength, strongValidator } from './content-range.ts'
import { permanent, transient } from './download-error.ts'
import type { Exchange } from './exchange.ts'
import type { FileTarget } from './file-target.ts'
import { FileWriter } from './file-writer.ts'
import { headerOf } from './header-of.ts'
import type { Limits } from './limits.ts'
import { readBack } from './open-file.ts'
import type { Partial } from './partial-file.ts'
import type { TransferTarget } from './transfer-target.ts'

/** Bytes of an earlier call that are fetched again and compared: a tag can be wrong, a disk can lose its last writes. */
const OVERLAP_BYTES = 64 * 1024

/** Writes a transfer to a file. */
export class FileTransfer implements TransferTarget {
  readonly #file: FileTarget
  readonly #options: ContentOptions
  #writer: FileWriter | undefined
  #content: ContentPipeline | undefined
  /** The end of what an earlier call left, as far as it has not been compared. */
  #expectedTail = Buffer.alloc(0)

  constructor(file: FileTarget, options: ContentOptions) {
    this.#file = file
    this.#options = options
  }

  /** What an earlier call left, less what is to be compared. */
  get start(): Partial | undefined {
    const { partial } = this.#file
    if (partial === undefined || partial.offset <= OVERLAP_BYTES) return undefined
    return { ...partial, offset: partial.offset - OVERLAP_BYTES }
  }

  get bytes(): number {
    return this.#content?.bytes ?? 0
  }

  get checksDigest(): boolean {
    return this.#content?.checksDigest ?? false
  }

  async begin(exchange: Exchange): Promise<void> {
    await this.settle()
    const length = parseLength(headerOf(exchange.headers, 'content-length'))
    await checkSpace(this.#file, length ?? 0, this.#options.limits)
    if (this.bytes > 0 || this.#file.partial !== undefined) await this.#file.file.truncate(0)
    this.#expectedTail = Buffer.alloc(0)
    this.#writer = this.#newWriter(0)
    this.#content = this.#newContent(exchange)
    const validator = strongValidator(headerOf(exchange.headers, 'etag'))
    const encoded = codingsOf(headerOf(exchange.headers, 'content-encoding')).length > 0
    if (validator !== undefined && !encoded) {
      await this.#file.describe(
        validator,
        parseLength(headerOf(exchange.headers, 'content-length')),
      )
    }
  }

  /** Goes on with what an earlier call left. */
  async goOn(exchange: Exchange, offset: number): Promise<void> {
    this.#content = this.#newContent(exchange)
    const { file } = this.#file
    for await (const chunk of readBack(file, offset)) this.#content.skip(chunk)
    const tail = Buffer.alloc(OVERLAP_BYTES)
    await promisify(read)(file.fd, tail, 0, OVERLAP_BYTES, offset)
    this.#expectedTail = tail
    this.#writer = this.#newWriter(offset)
  }

  write = (chunk: Buffer): void | Promise<void> => {
    if (this.#expectedTail.length > 0) this.#compareTail(chunk)
    return this.#content?.write(chunk)
  }

  async end(): Promise<void> {
    await this.#content?.end()
    await this.#writer?.flush().catch(toWriteError)
  }

  canBeginAgain(): boolean {
    return this.bytes === 0 || (this.#file.seekable && this.#options.onData === undefined)
  }

  async settle(): Promise<void> {
    this.#content?.destroy()
    await this.#writer?.settle()
  }

  #compareTail(chunk: Buffer): void {
    const length = Math.min(chunk.length, this.#expectedTail.length)
    if (!this.#expectedTail.subarray(0, length).equals(chunk.subarray(0, length))) {
      throw transient('what an earlier call left is not the start of this file', {
        code: 'FILES_LOCAL_SOURCE_CHANGED',
      })
    }
    this.#expectedTail = this.#expectedTail.subarray(length)
  }

  #newContent(exchange: Exchange): ContentPipeline {
    return createContentPipeline(exchange, this.#options, (chunk) => this.#write(chunk))
  }

  #newWriter(position: number): FileWriter {
    const { file, seekable, resumable } = this.#file
    return new FileWriter(file.fd, { position: seekable ? position : null, inOrder: resumable })
  }

  #write(chunk: Buffer): void | Promise<void> {
    try {
      return this.#writer?.write(chunk)?.catch(toWriteError)
    } catch (error) {
      return toWriteError(error)
    }
  }
}

/** A shorter file is not worth asking how much space there is; writing it tells as well. */
const CHECKED_BYTES = 1024 * 1024

/**
 * A file that cannot fit is refused before its first byte.
 *
 * @throws {TransientError} FILES_LOCAL_DISK_FULL
 */
export async function checkSpace(file: FileTarget, length: number, limits: Limits): Promise<void> {
  if (!file.seekable || length < CHECKED_BYTES || length > limits.maxBytes) return
  const { bavail, bsize } = await statfs(dirname(file.path))
  if (length <= bavail * bsize) return
  throw transient(`there is no space left for ${length} bytes`, {
    code: 'FILES_LOCAL_DISK_FULL',
    details: { bytesNeeded: length, bytesFree: bavail * bsize },
  })
}

const DISK_FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/** @throws {IntegrationError} FILES_LOCAL_DISK_FULL or FILES_LOCAL_WRITE_FAILED */
export function toWriteError(cause: unknown): never {
  if (isIntegrationError(cause)) throw cause
  const { code = '', message } = cause as NodeJS.ErrnoException
  const details = { phase: 'body' }
  if (DISK_FULL.has(code)) {
    throw transient('there is no space left for the file', {
      code: 'FILES_LOCAL_DISK_FULL',
      cause,
      details,
    })
  }
  throw permanent(`the file could not be written: ${message}`, {
    code: 'FILES_LOCAL_WRITE_FAILED',
    cause,
    details,
  })
}
