import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { localFileFailed, sizeMismatch } from '../read-body.ts'
import { crc32 } from './crc32.ts'

/** How much of a file is read, digested and sent at a time. Larger pieces leave the cache of the processor, smaller ones are more calls. */
export const PIECE_BYTES = 512 * 1024

/** The bytes of one part: in memory, or still in their file. */
export interface PartBody {
  readonly sizeBytes: number
  readonly crc32: () => Promise<number>
  readonly hash: (algorithm: 'md5' | 'sha256') => Promise<string>
  /** All bytes at once. */
  readonly bytes: () => Promise<Uint8Array>
  /** Piece by piece; a piece is valid until the next one is asked for. Only where they are still in a file. */
  readonly pieces?: () => AsyncGenerator<Uint8Array>
}

export function bytesBody(bytes: Uint8Array): PartBody {
  return {
    sizeBytes: bytes.byteLength,
    crc32: async () => crc32(bytes),
    hash: async (algorithm) => createHash(algorithm).update(bytes).digest('hex'),
    bytes: async () => bytes,
  }
}

/** A stretch of an open file. */
export interface FileRange {
  readonly handle: FileHandle
  readonly path: string
  readonly start: number
  readonly sizeBytes: number
}

/** Reads the file anew for every digest and every try: that costs less than memory for all parts under way. */
export function fileBody(range: FileRange): PartBody {
  const { sizeBytes } = range
  const pieces = () => readPieces(range)
  return {
    sizeBytes,
    crc32: async () => {
      let crc = 0
      for await (const piece of pieces()) crc = crc32(piece, crc)
      return crc
    },
    hash: async (algorithm) => {
      const hash = createHash(algorithm)
      for await (const piece of pieces()) hash.update(piece)
      return hash.digest('hex')
    },
    bytes: async () => {
      const bytes = Buffer.allocUnsafe(sizeBytes)
      await readFully(range, bytes, 0)
      return bytes
    },
    pieces,
  }
}

async function* readPieces(range: FileRange): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.allocUnsafe(Math.min(PIECE_BYTES, range.sizeBytes))
  for (let done = 0; done < range.sizeBytes; done += buffer.length) {
    const piece = buffer.subarray(0, Math.min(buffer.length, range.sizeBytes - done))
    await readFully(range, piece, done)
    yield piece
  }
}

/** Fills a buffer from so far into the range. A file that ends before is no state that was asked to be stored. */
async function readFully(range: FileRange, buffer: Buffer, offset: number): Promise<void> {
  const { handle, path, start, sizeBytes } = range
  for (let filled = 0; filled < buffer.length; ) {
    const { bytesRead } = await handle
      .read(buffer, filled, buffer.length - filled, start + offset + filled)
      .catch((error: unknown) => {
        throw localFileFailed(path, error)
      })
    if (bytesRead === 0) {
      throw sizeMismatch(start + sizeBytes, `${start + offset + filled} when it was read`)
    }
    filled += bytesRead
  }
}
