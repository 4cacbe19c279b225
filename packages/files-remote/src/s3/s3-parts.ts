import type { Stats } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { localFileChanged, localFileFailed, readBody, sizeMismatch } from '../read-body.ts'
import { storageError } from '../storage-errors.ts'
import type { PutBody } from '../storage-provider.ts'
import { MAX_PARTS } from './s3-multipart.ts'
import { bytesBody, fileBody, type PartBody } from './s3-part-body.ts'

/** One part of a body; `number` counts from 1. */
export interface NumberedPart {
  readonly number: number
  readonly body: PartBody
}

/** Where the parts of an upload come from, one after the other. */
export interface PartSource extends AsyncDisposable {
  /** All bytes of a body that is smaller than a part. Asked once, before the first reader is made. */
  readonly whole: () => Promise<Uint8Array | undefined>
  /** Takes the next part, for one worker of several. A part is valid until its worker asks for another. */
  readonly reader: () => () => Promise<NumberedPart | undefined>
  readonly partBytes: number
  /** How many parts it can be at most. */
  readonly maxParts: number
}

interface OpenPartsOptions {
  readonly sizeBytes?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** Opens a body for reading in parts. Bytes and files are cut where they are; a stream goes through buffers. */
export async function openParts(
  body: PutBody,
  options: OpenPartsOptions,
  wantedPartBytes: number,
): Promise<PartSource> {
  if (body instanceof Uint8Array) return bytesParts(body, options, wantedPartBytes)
  if (Symbol.asyncIterator in body) {
    return streamParts(readBody(body, options), options.sizeBytes, wantedPartBytes)
  }
  const { path } = body
  const fail = (error: unknown): never => {
    throw localFileFailed(path, error)
  }
  const handle = await open(path).catch(fail)
  try {
    const stats = await handle.stat().catch(fail)
    if (!stats.isFile()) throw localFileFailed(path, new Error('not a file'))
    const sizeBytes = options.sizeBytes ?? stats.size
    if (sizeBytes !== stats.size) throw sizeMismatch(sizeBytes, String(stats.size))
    return fileParts({ handle, path }, stats, wantedPartBytes)
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** Parts grow where the usual ones would be too many: 16 MiB reach 156 GiB. */
function sizesOf(sizeBytes: number | undefined, wanted: number) {
  const partBytes = Math.max(wanted, Math.ceil((sizeBytes ?? 0) / MAX_PARTS))
  const maxParts = sizeBytes === undefined ? MAX_PARTS : Math.ceil(sizeBytes / partBytes)
  return { partBytes, maxParts }
}

function bytesParts(
  bytes: Uint8Array,
  { sizeBytes = bytes.byteLength }: OpenPartsOptions,
  wanted: number,
): PartSource {
  if (sizeBytes !== bytes.byteLength) throw sizeMismatch(sizeBytes, String(bytes.byteLength))
  const cut = (start: number, end: number) => bytesBody(bytes.subarray(start, end))
  return {
    ...cutParts(sizeBytes, wanted, cut),
    [Symbol.asyncDispose]: async () => undefined,
  }
}

function fileParts(
  file: { handle: FileHandle; path: string },
  { size: sizeBytes, mtimeMs }: Stats,
  wanted: number,
): PartSource {
  const cut = (start: number, end: number) => fileBody({ ...file, start, sizeBytes: end - start })
  /** Somebody writes to the file: what was read is no state that it ever had. */
  const checkUnchanged = async () => {
    const now = await file.handle.stat().catch((error: unknown) => {
      throw localFileFailed(file.path, error)
    })
    if (now.size !== sizeBytes) throw sizeMismatch(sizeBytes, `${now.size} when it was read`)
    if (now.mtimeMs !== mtimeMs) throw localFileChanged(file.path)
  }
  return {
    ...cutParts(sizeBytes, wanted, cut, checkUnchanged),
    [Symbol.asyncDispose]: () => file.handle.close(),
  }
}

/** Parts of a body that can be reached everywhere. */
function cutParts(
  sizeBytes: number,
  wanted: number,
  cut: (start: number, end: number) => PartBody,
  atEnd: () => Promise<void> = async () => undefined,
): Omit<PartSource, keyof AsyncDisposable> {
  const { partBytes, maxParts } = sizesOf(sizeBytes, wanted)
  let number = 0
  const next = async () => {
    const start = number * partBytes
    if (start >= sizeBytes) {
      await atEnd()
      return undefined
    }
    number += 1
    return { number, body: cut(start, Math.min(start + partBytes, sizeBytes)) }
  }
  return {
    whole: async () => {
      if (sizeBytes >= partBytes) return undefined
      const bytes = await cut(0, sizeBytes).bytes()
      await atEnd()
      return bytes
    },
    reader: () => next,
    partBytes,
    maxParts,
  }
}

function streamParts(
  chunks: AsyncGenerator<Uint8Array>,
  sizeBytes: number | undefined,
  wanted: number,
): PartSource {
  const { partBytes, maxParts } = sizesOf(sizeBytes, wanted)
  const fill = filler(chunks)
  let first: Buffer | undefined
  let number = 0
  let reading: Promise<unknown> = Promise.resolve()

  const take = async (buffer: Buffer, filled?: number) => {
    const length = filled ?? (await fill(buffer))
    if (length === 0) return undefined
    number += 1
    if (number > MAX_PARTS) throw tooManyParts(partBytes)
    return { number, body: bytesBody(buffer.subarray(0, length)) }
  }

  return {
    whole: async () => {
      // A body known to be small does not need a whole part's memory. One byte more tells "full" from "ended".
      const small = sizeBytes !== undefined && sizeBytes < partBytes
      const buffer = Buffer.allocUnsafe(small ? sizeBytes + 1 : partBytes)
      const filled = await fill(buffer)
      if (filled < buffer.length) return buffer.subarray(0, filled)
      first = buffer
      return undefined
    },
    reader: () => {
      let filled = first?.length
      const buffer = first ?? Buffer.allocUnsafe(partBytes)
      first = undefined
      // Reads are one after the other; what was read goes out side by side.
      return () => {
        const already = filled
        filled = undefined
        const turn = reading.then(() => take(buffer, already))
        reading = turn.catch(() => undefined)
        return turn
      }
    },
    partBytes,
    maxParts,
    [Symbol.asyncDispose]: async () => {
      await chunks.return(undefined)
    },
  }
}

/** Fills buffers from chunks; less than a buffer's length only at the end. */
function filler(chunks: AsyncGenerator<Uint8Array>): (buffer: Buffer) => Promise<number> {
  let rest: Uint8Array = new Uint8Array()
  return async (buffer) => {
    let filled = 0
    for (;;) {
      const taken = Math.min(rest.byteLength, buffer.length - filled)
      buffer.set(rest.subarray(0, taken), filled)
      filled += taken
      rest = rest.subarray(taken)
      if (filled === buffer.length) return filled
      const step = await chunks.next()
      if (step.done) return filled
      rest = step.value
    }
  }
}

function tooManyParts(partBytes: number): Error {
  return storageError(
    'FILES_REMOTE_SIZE_LIMIT_EXCEEDED',
    `The body needs more than ${MAX_PARTS} parts of ${partBytes} bytes. Give sizeBytes, or a larger partBytes.`,
    { outcome: 'not_sent' },
  )
}
