export type { AddressAllowance } from './address-guard.ts'
export type { Download } from './download.ts'
export type { DownloadErrorCode, DownloadPhase } from './download-error.ts'
export type { DownloadItem, DownloadOutcome, ManyOptions } from './download-many.ts'
export { downloadMany } from './download-many.ts'
export type {
  ConnectionOptions,
  DownloadOptions,
  FileOptions,
  HostLookup,
  OpenOptions,
  RequestOptions,
} from './download-options.ts'
export type {
  DownloadStreamAnswer,
  DownloadStreamError,
  DownloadStreamErrorType,
  DownloadStreamParams,
  DownloadStreamSuccess,
} from './download-stream.ts'
export { downloadStream } from './download-stream.ts'
export type { DownloadResult } from './download-to-file.ts'
export { downloadToFile } from './download-to-file.ts'
export type { Downloader } from './downloader.ts'
export { createDownloader } from './downloader.ts'
export { fileNameOf, safeFileName } from './file-name.ts'
export type { OpenedDownload } from './open-download.ts'
export { openDownload } from './open-download.ts'
export type { DownloadProgress } from './progress.ts'
