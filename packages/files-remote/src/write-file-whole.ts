import { randomUUID } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import type { TransferProgress } from './download-request.ts'
import { localFileFailed, readBody } from './read-body.ts'
import { storageError } from './storage-errors.ts'

export interface WriteFileWholeOptions {
  /** How many bytes must come. */
  readonly sizeBytes: number
  readonly durable?: boolean | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined
}

/** A name in the same folder that no other writer uses; hidden, and telling what it belongs to. */
export function temporaryPath(path: string): string {
  return join(dirname(path), `.${basename(path).slice(0, 100)}.${randomUUID().slice(0, 8)}.part`)
}

/** Writes a stream to a path: into a temporary file beside it, then renamed. */
export async function writeFileWhole(
  path: string,
  body: Readable,
  { sizeBytes, durable, signal, onProgress }: WriteFileWholeOptions,
): Promise<void> {
  const temporary = temporaryPath(path)
  try {
    const handle = await open(temporary, 'wx').catch(fail(path))
    try {
      let transferredBytes = 0
      for await (const chunk of readBody(body, { signal })) {
        await handle.writeFile(chunk).catch(fail(path))
        transferredBytes += chunk.byteLength
        onProgress?.({ transferredBytes, totalBytes: sizeBytes })
      }
      if (transferredBytes !== sizeBytes) throw truncated(sizeBytes, transferredBytes)
      if (durable) await handle.sync().catch(fail(path))
    } finally {
      await handle.close()
    }
    await rename(temporary, path).catch(fail(path))
  } catch (error) {
    body.destroy()
    await rm(temporary, { force: true })
    throw error
  }
}

function fail(path: string): (error: unknown) => never {
  return (error) => {
    throw localFileFailed(path, error)
  }
}

/** The error of an answer that ended early. */
export function truncated(expected: number, got: number): Error {
  return storageError(
    'FILES_REMOTE_BODY_TRUNCATED',
    `The storage announced ${expected} bytes and gave ${got}. Nothing was kept.`,
  )
}
