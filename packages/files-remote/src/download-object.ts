import type { DownloadRequest, DownloadResult } from './download-request.ts'
import { parseKey } from './parse-key.ts'
import { storageError } from './storage-errors.ts'
import type { StorageProvider } from './storage-provider.ts'
import { writeFileWhole } from './write-file-whole.ts'

/**
 * Fetches an object to a local file, by the provider's own fast way where it has one. The file appears under
 * its name whole or not at all; what stood there stays until then, and stays after a failure. A call after a failure
 * starts anew.
 * @throws {PermanentError} FILES_REMOTE_SIZE_LIMIT_EXCEEDED when it is larger than `maxBytes`
 * @throws {PermanentError} FILES_REMOTE_LOCAL_FILE_FAILED when the path cannot be written
 */
export async function downloadObject(
  provider: StorageProvider,
  request: DownloadRequest,
): Promise<DownloadResult> {
  checkDownload(request)
  if (provider.download) return provider.download(request)
  const { body, ...stat } = await provider.get(request)
  try {
    checkSizeLimit(stat.sizeBytes, request.maxBytes)
  } catch (error) {
    body.destroy()
    throw error
  }
  await writeFileWhole(request.path, body, { ...request, sizeBytes: stat.sizeBytes })
  return { ...stat, verified: false }
}

/** Checks a request to download. For adapters with a way of their own. */
export function checkDownload({ key, path, maxBytes }: DownloadRequest): void {
  parseKey(key)
  if (typeof path !== 'string' || path === '') {
    throw new TypeError(`path must be the path of a local file, got ${JSON.stringify(path)}.`)
  }
  if (maxBytes !== undefined && !(maxBytes >= 0)) {
    throw new TypeError(`maxBytes must be a number >= 0, got ${maxBytes}.`)
  }
}

/**
 * Refuses a size above the limit, before the first byte.
 * @throws {PermanentError} FILES_REMOTE_SIZE_LIMIT_EXCEEDED
 */
export function checkSizeLimit(sizeBytes: number, maxBytes: number | undefined): void {
  if (maxBytes === undefined || sizeBytes <= maxBytes) return
  throw storageError(
    'FILES_REMOTE_SIZE_LIMIT_EXCEEDED',
    `File size limit exceeded. File size: ${sizeBytes} bytes, limit: ${maxBytes} bytes.`,
    { details: { sizeBytes, maxBytes } },
  )
}
