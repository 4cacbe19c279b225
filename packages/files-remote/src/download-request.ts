import type { ObjectStat } from './object-stat.ts'

/** What to fetch to a local file. */
export interface DownloadRequest {
  readonly key: string
  /** The file to make or replace. Its folder must be there. */
  readonly path: string
  /** Refuse a larger object. Default: no limit. */
  readonly maxBytes?: number | undefined
  readonly ifMatch?: string | undefined
  readonly signal?: AbortSignal | undefined
  /** Whether the file survives a power cut, not only a crash of the process. Default `false`. */
  readonly durable?: boolean | undefined
  /** Called with the bytes on disk so far and the size of the whole. */
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined
}

/** How far a transfer is, in bytes. */
export interface TransferProgress {
  readonly transferredBytes: number
  readonly totalBytes: number
}

/** What was fetched. */
export interface DownloadResult extends ObjectStat {
  /** Whether the bytes were compared with a checksum that the provider stored with the object. */
  readonly verified: boolean
}
