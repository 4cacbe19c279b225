import { permanent, transient } from './download-error.ts'
import type { RequestOptions } from './download-options.ts'
import { readLimits } from './limits.ts'
import type { ProgressMeter } from './progress.ts'
import type { TransferOptions } from './transfer.ts'
import type { Transport } from './transport.ts'

/** A request ready to be sent, and what must be released after it. */
export interface DownloadRequest extends TransferOptions, Disposable {
  progress: ProgressMeter
}

/** What a request is sent with. */
export interface RequestContext {
  transport: Transport
  progress: ProgressMeter
}

const DEFAULT_PROTOCOLS: ReadonlySet<string> = new Set(['http:', 'https:'])

/** Headers that say nothing about the caller. */
const HARMLESS_HEADERS: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'user-agent',
  'range',
  'if-range',
  'want-repr-digest',
])

/** Headers that belong to the connection or to resuming. */
const OWN_HEADERS = new Set([
  'connection',
  'content-length',
  'expect',
  'if-range',
  'keep-alive',
  'range',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

const DEFAULT_HEADERS = {
  accept: '*/*',
  'accept-encoding': 'identity',
  'user-agent': 'mortise-files-local',
}

/**
 * Reads the options of one download.
 *
 * @throws {TypeError} when an option is not what it must be
 * @throws {PermanentError} FILES_LOCAL_URL_REFUSED
 */
export function prepareRequest(
  url: string | URL,
  options: RequestOptions,
  { transport, progress }: RequestContext,
): DownloadRequest {
  const limits = readLimits(options)
  const controller = new AbortController()
  const verify = options.verifyServerDigests !== false
  const exchange = {
    transport,
    limits,
    headers: {
      ...DEFAULT_HEADERS,
      ...(verify && { 'want-repr-digest': 'sha-256=9, sha-512=5' }),
      ...(options.headers && readHeaders(options.headers)),
    },
    protocols: options.protocols ? new Set(options.protocols) : DEFAULT_PROTOCOLS,
    crossOriginHeaders: readCrossOrigin(options.crossOriginHeaders),
    signal: controller.signal,
  }
  return {
    url: readUrl(url),
    exchange,
    limits,
    backoffMs: options.backoffMs,
    progress,
    signal: controller.signal,
    abort: (error) => controller.abort(error),
    [Symbol.dispose]: linkAborts(controller, options.signal, limits.totalTimeoutMs),
  }
}

/** Joins the caller's signal and the total timeout; answers the undo. */
function linkAborts(
  controller: AbortController,
  signal: AbortSignal | undefined,
  totalTimeoutMs: number,
): () => void {
  const onAbort = (): void => controller.abort(aborted(signal?.reason))
  if (signal?.aborted) onAbort()
  signal?.addEventListener('abort', onAbort, { once: true })
  const timer =
    totalTimeoutMs > 0 && Number.isFinite(totalTimeoutMs)
      ? setTimeout(() => controller.abort(outOfTime(totalTimeoutMs)), totalTimeoutMs)
      : undefined
  return () => {
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
  }
}

function aborted(reason: unknown): Error {
  return permanent('the download was aborted', { code: 'FILES_LOCAL_ABORTED', cause: reason })
}

function outOfTime(totalTimeoutMs: number): Error {
  return transient(`the download took longer than ${totalTimeoutMs} ms`, {
    code: 'FILES_LOCAL_TIMED_OUT',
    details: { timeout: 'total' },
  })
}

function readUrl(url: string | URL): URL {
  if (typeof url !== 'string' && !(url instanceof URL)) {
    throw new TypeError(`the address must be a string or a URL, received ${typeof url}`)
  }
  const parsed = URL.parse(String(url))
  if (parsed === null) {
    throw permanent('the address is not an absolute URL', {
      code: 'FILES_LOCAL_URL_REFUSED',
      details: { phase: 'request' },
    })
  }
  if (parsed.hash !== '') parsed.hash = ''
  return parsed
}

function readCrossOrigin(names: readonly string[] | undefined): ReadonlySet<string> {
  if (names === undefined) return HARMLESS_HEADERS
  return new Set([...HARMLESS_HEADERS, ...names.map((name) => name.toLowerCase())])
}

function readHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  // Imported as a module, `node:http` loads a copy of undici that Node brings along, half of what we cost to import.
  const { validateHeaderName, validateHeaderValue } = process.getBuiltinModule('node:http')
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      try {
        validateHeaderName(name)
        validateHeaderValue(name, value)
      } catch {
        throw new TypeError(`option headers: ${JSON.stringify(name)} is no valid header`)
      }
      if (OWN_HEADERS.has(name.toLowerCase())) {
        throw new TypeError(`option headers: ${name} is set by the download itself, leave it out`)
      }
      return [name.toLowerCase(), String(value)]
    }),
  )
}
