import { parseExpiresIn } from './check-request.ts'
import { downloadObject } from './download-object.ts'
import type { StorageProvider } from './storage-provider.ts'

/** Four calls over any provider, named by `fileKey`, for those who want no more than files in and out. */
export interface RemoteFiles {
  /**
   * Sends a local file.
   * @throws {PermanentError} FILES_REMOTE_LOCAL_FILE_FAILED when the local path does not exist
   */
  readonly upload: (request: UploadRequest) => Promise<{ fileKey: string }>
  /**
   * Fetches a file to a local path. The file appears there whole or not at all.
   * @throws {PermanentError} FILES_REMOTE_SIZE_LIMIT_EXCEEDED when it is larger than `sizeLimit`
   * @throws {PermanentError} FILES_REMOTE_OBJECT_NOT_FOUND when there is no such file
   */
  readonly download: (request: DownloadFileRequest) => Promise<{ success: true }>
  /** An address that anybody may fetch the file from until it expires; `null` when there is no such file. */
  readonly getSignedUrl: (request: GetSignedUrlRequest) => Promise<SignedFileUrl | null>
  /** Whether the file is there. Only the answer that it is not is `false`; every failure rejects. */
  readonly fileExists: (request: FileExistsRequest) => Promise<boolean>
}

/** What to upload, and under which key. */
export interface UploadRequest {
  /** The unique key (name) of the file. */
  readonly fileKey: string
  /** The local path of the file to upload. */
  readonly filePath: string
  readonly signal?: AbortSignal | undefined
}

/** What to download, and where to. */
export interface DownloadFileRequest {
  readonly fileKey: string
  /** The local path to save to. Its folder must be there. */
  readonly pathToWrite: string
  /** The largest accepted file, in bytes. Default: no limit. */
  readonly sizeLimit?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** Which file to sign an address for, and how long it holds. */
export interface GetSignedUrlRequest {
  readonly fileKey: string
  /** Seconds until the address expires, at most seven days. Default 1800 (30 minutes). */
  readonly expiresIn?: number | undefined
}

/** An address that anybody may fetch a file from. */
export interface SignedFileUrl {
  readonly fileKey: string
  readonly signedUrl: string
  readonly expiresIn: number
}

/** Which file to look for. */
export interface FileExistsRequest {
  readonly fileKey: string
  readonly signal?: AbortSignal | undefined
}

/** Makes the four calls over a provider. */
export function createRemoteFiles(provider: StorageProvider): RemoteFiles {
  return {
    async upload({ fileKey, filePath, signal }) {
      checkPath(filePath, 'filePath')
      await provider.put({ key: fileKey, body: { path: filePath }, signal })
      return { fileKey }
    },
    async download({ fileKey, pathToWrite, sizeLimit, signal }) {
      checkPath(pathToWrite, 'pathToWrite')
      await downloadObject(provider, {
        key: fileKey,
        path: pathToWrite,
        maxBytes: sizeLimit,
        signal,
      })
      return { success: true }
    },
    async getSignedUrl({ fileKey, expiresIn }) {
      const seconds = parseExpiresIn(expiresIn, 'expiresIn')
      if ((await provider.stat({ key: fileKey })) === null) return null
      const { url } = await provider.signUrl({
        method: 'GET',
        key: fileKey,
        expiresInSeconds: seconds,
      })
      return { fileKey, signedUrl: url, expiresIn: seconds }
    },
    async fileExists({ fileKey, signal }) {
      return (await provider.stat({ key: fileKey, signal })) !== null
    },
  }
}

function checkPath(path: unknown, name: string): void {
  if (typeof path === 'string' && path !== '') return
  throw new TypeError(`${name} must be the path of a local file, got ${JSON.stringify(path)}.`)
}
