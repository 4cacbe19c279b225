import type { FileHandle } from 'node:fs/promises'
import { open } from 'node:fs/promises'
import { localFileFailed, readBody } from '../read-body.ts'
import type { PutBody } from '../storage-provider.ts'

/** Where the parts of an upload come from, one after the other. */
export interface PartSource extends AsyncDisposable {
  /** Fills the buffer from its start and says how far; less than its length only at the end. */
  readonly fill: (buffer: Buffer) => Promise<number>
}

/** Opens a body for reading in parts. A file is read straight into the buffer, without a stream between. */
export async function openParts(
  body: PutBody,
  options: { readonly sizeBytes?: number | undefined; readonly signal?: AbortSignal | undefined },
): Promise<PartSource> {
  if (!(body instanceof Uint8Array) && !(Symbol.asyncIterator in body)) {
    const handle = await open(body.path).catch((error: unknown) => {
      throw localFileFailed(body.path, error)
    })
    return fileParts(handle, body.path)
  }
  return streamParts(readBody(body, options))
}

function fileParts(handle: FileHandle, path: string): PartSource {
  let position = 0
  return {
    fill: async (buffer) => {
      let filled = 0
      while (filled < buffer.length) {
        const { bytesRead } = await handle
          .read(buffer, filled, buffer.length - filled, position)
          .catch((error: unknown) => {
            throw localFileFailed(path, error)
          })
        if (bytesRead === 0) break
        filled += bytesRead
        position += bytesRead
      }
      return filled
    },
    [Symbol.asyncDispose]: () => handle.close(),
  }
}

function streamParts(chunks: AsyncGenerator<Uint8Array>): PartSource {
  let rest: Uint8Array = new Uint8Array()
  return {
    fill: async (buffer) => {
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
