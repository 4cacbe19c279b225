import { type FileHandle, open } from 'node:fs/promises'
import { localFileFailed, readBody, sizeMismatch } from '../read-body.ts'
import type { PutBody } from '../storage-provider.ts'
import { MAX_PARTS } from './s3-multipart.ts'

/** Where the parts of an upload come from, one after the other. */
export interface PartSource extends AsyncDisposable {
  /** Fills the buffer from its start and says how far; less than its length only at the end. */
  readonly fill: (buffer: Buffer) => Promise<number>
  /** How long the body is, where that is known before. */
  readonly sizeBytes: number | undefined
  readonly partBytes: number
  /** How many parts it can be at most. */
  readonly partsLeft: number
}

interface OpenPartsOptions {
  readonly sizeBytes?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** Opens a body for reading in parts. A file is read straight into the buffer, without a stream between. */
export async function openParts(
  body: PutBody,
  options: OpenPartsOptions,
  wantedPartBytes: number,
): Promise<PartSource> {
  if (body instanceof Uint8Array || Symbol.asyncIterator in body) {
    const sizeBytes = body instanceof Uint8Array ? body.byteLength : options.sizeBytes
    return { ...streamParts(readBody(body, options)), ...partition(sizeBytes, wantedPartBytes) }
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
    return { ...fileParts(handle, path, sizeBytes), ...partition(sizeBytes, wantedPartBytes) }
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** Parts grow where the usual ones would be too many: 16 MiB reach 156 GiB. */
function partition(sizeBytes: number | undefined, wanted: number) {
  const partBytes = Math.max(wanted, Math.ceil((sizeBytes ?? 0) / MAX_PARTS))
  const partsLeft = sizeBytes === undefined ? MAX_PARTS : Math.ceil(sizeBytes / partBytes)
  return { sizeBytes, partBytes, partsLeft }
}

function fileParts(handle: FileHandle, path: string, sizeBytes: number) {
  let position = 0
  return {
    fill: async (buffer: Buffer) => {
      let filled = 0
      while (filled < buffer.length) {
        const { bytesRead } = await handle
          .read(buffer, filled, buffer.length - filled, position)
          .catch((error: unknown) => {
            throw localFileFailed(path, error)
          })
        filled += bytesRead
        position += bytesRead
        // Somebody writes to the file: what was read is no state that it ever had.
        if (position > sizeBytes || (bytesRead === 0 && position < sizeBytes)) {
          throw sizeMismatch(sizeBytes, `${position} when it was read`)
        }
        if (bytesRead === 0) break
      }
      return filled
    },
    [Symbol.asyncDispose]: () => handle.close(),
  }
}

function streamParts(chunks: AsyncGenerator<Uint8Array>) {
  let rest: Uint8Array = new Uint8Array()
  return {
    fill: async (buffer: Buffer) => {
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
    },
    [Symbol.asyncDispose]: async () => {
      await chunks.return(undefined)
    },
  }
}
