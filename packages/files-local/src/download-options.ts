import type { SecureContextOptions } from 'node:tls'
import type { Dispatcher } from 'undici'
import type { AddressAllowance } from './address-guard.ts'
import type { DownloadProgress } from './progress.ts'

/** What every download of this package understands. Durations are milliseconds, sizes are bytes. */
export interface RequestOptions {
  /** Request headers. Across origins only harmless ones follow a redirect, see `crossOriginHeaders`. */
  headers?: Readonly<Record<string, string>> | undefined
  /** Stops the download; nothing is left on the disk. */
  signal?: AbortSignal | undefined
  /** Schemes that the address and every redirect may have. Default: both. */
  protocols?: readonly ('http:' | 'https:')[] | undefined
  /** Redirects followed before giving up. Default 10; 0 refuses any. */
  maxRedirects?: number | undefined
  /** Names of `headers` that may follow a redirect to another origin, besides `accept`, `accept-language` and `user-agent`. Default: none. */
  crossOriginHeaders?: readonly string[] | undefined
  /** From the request sent to the response headers. Default 30 000; 0 waits for ever. */
  headersTimeoutMs?: number | undefined
  /** Longest silence in the body. The time your callbacks take does not count. Default 30 000; 0 waits for ever. */
  idleTimeoutMs?: number | undefined
  /** The whole download with all its attempts. Default 0: no bound. */
  totalTimeoutMs?: number | undefined
  /** Slowest acceptable rate, averaged over a minute of waiting for the server. Default 1 024; 0 accepts any. */
  minBytesPerSecond?: number | undefined
  /** Most bytes accepted, on the wire and after decompression, 1 or more. Default: no bound. */
  maxBytes?: number | undefined
  /** Whether a `Content-Encoding` (gzip, deflate, br, zstd) is undone. Default true; false keeps the bytes as sent. */
  decompress?: boolean | undefined
  /** How many bytes one received byte may expand to. Default 200. */
  maxDecompressionRatio?: number | undefined
  /** Tries in all, the first included. Default 4; 1 never repeats. */
  maxAttempts?: number | undefined
  /** Wait after a failed attempt, unless the server asks for more. Default: 250 doubled each time up to 15 000, less up to a half at random. */
  backoffMs?: ((attempt: number) => number) | undefined
  /** Longest `Retry-After` that is waited for; a longer one is an error that carries it. Default 30 000. */
  maxRetryAfterMs?: number | undefined
  /** SHA-256 that the content must have, 64 hexadecimal digits. */
  sha256?: string | undefined
  /** Whether `Repr-Digest`, `Content-Digest` and `Content-MD5` of the server are checked. Default true. */
  verifyServerDigests?: boolean | undefined
  /** Told how far the download is, at most every `progressIntervalMs`, and once at its end. Awaited: calls never overlap. */
  onProgress?: ((progress: DownloadProgress) => void | Promise<void>) | undefined
  /** Shortest time between two reports. Default 250. */
  progressIntervalMs?: number | undefined
}

/** How connections are made; shared by every download of one downloader. */
export interface ConnectionOptions {
  /** Opens the address guard. Default: public addresses only. */
  allow?: AddressAllowance | undefined
  /** Name lookup, TCP and TLS handshake. Default 10 000; 0 waits for ever. */
  connectTimeoutMs?: number | undefined
  /** Trust and client certificates for `https:`. */
  tls?:
    | (Pick<SecureContextOptions, 'ca' | 'cert' | 'key' | 'passphrase'> & {
        rejectUnauthorized?: boolean | undefined
      })
    | undefined
  /** Connections to one origin at a time. Default 16; 0: no bound. */
  maxConnectionsPerOrigin?: number | undefined
  /** Offers HTTP/2 to `https:` servers. Default false: HTTP/1.1 is faster for large files. */
  http2?: boolean | undefined
  /** Sends everything through this HTTP proxy (`http://user:password@host:port`). Needs `allow`, for the proxy resolves the names. */
  proxy?: string | URL | undefined
  /** Any undici dispatcher instead of our connections; it stays yours to close. Needs `allow`, for we cannot see where it connects. */
  dispatcher?: Dispatcher | undefined
  /** Reads into buffers that are used again. Default true; false lets Node allocate them, which is slower and otherwise the same. */
  recycleBuffers?: boolean | undefined
  /** Name resolution. Default `dns.lookup`. Its answers are judged by the address guard. */
  lookup?: HostLookup | undefined
}

/** Resolves a host name to all its addresses. */
export type HostLookup = (
  hostname: string,
) => Promise<readonly { address: string; family: 4 | 6 }[]>

/** Options of one download into memory or a stream: what is asked for and how connections are made. */
export interface OpenOptions extends RequestOptions, ConnectionOptions {}

/** How the file gets its name. */
export interface FileOptions {
  /** Replaces an existing file. Default true; false rejects with `FILES_LOCAL_TARGET_EXISTS`. */
  overwrite?: boolean | undefined
  /** What is forced to the disk before the file gets its name: nothing, its bytes, or its bytes and its name. Default `none`. */
  fsync?: 'none' | 'file' | 'file-and-folder' | undefined
  /** Permission bits of a new file. Default 0o666 less the umask; an existing file keeps its own. */
  mode?: number | undefined
  /** Parts fetched at a time, each over a connection of its own, when the server knows ranges and vouches for the version. Helps against servers that slow each connection down. Default 1. */
  connections?: number | undefined
  /** Whether a failure leaves what has come, as `.name.part`, to a later call with this option, which goes on there if the server vouches for the same version. Default false. */
  resume?: boolean | undefined
  /** Sees every chunk before it is written, in order; its promise is awaited. */
  onData?: ((chunk: Buffer, bytesSoFar: number) => unknown) | undefined
  /** Whether `onData` may keep its chunks (`owned`) or must be done with them when it returns or its promise settles (`lent`), which is faster. Default `owned`. */
  onDataChunks?: 'owned' | 'lent' | undefined
}

/** Options of {@link downloadToFile}. */
export interface DownloadOptions extends OpenOptions, FileOptions {}
