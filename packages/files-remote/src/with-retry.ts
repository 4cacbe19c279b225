import { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { isIntegrationError } from '@mortise/errors'
import { hasCode } from './storage-errors.ts'
import type {
  GetRequest,
  GetResult,
  ListEntry,
  ListRequest,
  PutBody,
  StorageProvider,
} from './storage-provider.ts'

/** How often and how patiently to try. */
export interface RetryOptions {
  /** Tries in all. Default 5. */
  readonly tries?: number | undefined
  /** The longest first pause; each further one may be twice as long. Default 200. */
  readonly firstDelayMs?: number | undefined
  /** The longest pause. A longer wait that the storage asks for is not waited: the error goes to the caller. Default 20,000. */
  readonly maxDelayMs?: number | undefined
  /** Chance, from 0 to 1. Default: `Math.random`. */
  readonly random?: (() => number) | undefined
  /** The pause. Default: a timer that the signal ends. */
  readonly sleep?: ((ms: number, signal: AbortSignal | undefined) => Promise<void>) | undefined
}

type Retrying = <T>(signal: AbortSignal | undefined, call: () => Promise<T>) => Promise<T>

/**
 * A provider that tries again what time heals, with full jitter between the tries. A body or a listing that
 * breaks off goes on where it was, on the same version of the object.
 *
 * Not repeated: a put or compose from a stream, which can be read only once, and a conditional write whose
 * outcome is unknown, which would fail on its own success.
 */
export function withRetry(provider: StorageProvider, options: RetryOptions = {}): StorageProvider {
  const retry = retrying(options)
  const { download } = provider

  const write = <T>(
    request: {
      ifMatch?: string | undefined
      ifNoneMatch?: string | undefined
      signal?: AbortSignal | undefined
    },
    call: () => Promise<T>,
  ): Promise<T> => {
    const conditional = request.ifMatch !== undefined || request.ifNoneMatch !== undefined
    return retry(request.signal, () => (conditional ? call().catch(finalIfUnknown) : call()))
  }

  return {
    capabilities: provider.capabilities,
    put: (request) =>
      isRepeatable(request.body)
        ? write(request, () => provider.put(request))
        : provider.put(request),
    get: async (request) => {
      const result = await retry(request.signal, () => provider.get(request))
      return { ...result, body: resumed(provider, retry, request, result) }
    },
    stat: (request) => retry(request.signal, () => provider.stat(request)),
    delete: (request) => write(request, () => provider.delete(request)),
    list: (request = {}) => resumedList(provider, retry, request),
    copy: (request) => retry(request.signal, () => provider.copy(request)),
    compose: (request) => write(request, () => provider.compose(request)),
    signUrl: (request) => retry(undefined, () => provider.signUrl(request)),
    ...(download && {
      download: (request) => retry(request.signal, () => download(request)),
    }),
  }
}

/** Carries an error past the retries. */
class Final {
  readonly error: unknown
  constructor(error: unknown) {
    this.error = error
  }
}

function finalIfUnknown(error: unknown): never {
  throw isIntegrationError(error) && error.outcome === 'unknown' ? new Final(error) : error
}

function retrying(options: RetryOptions): Retrying {
  const { tries = 5, firstDelayMs = 200, maxDelayMs = 20_000, random = Math.random } = options
  const {
    sleep = (ms, signal) => wait(ms, undefined, signal ? { signal } : {}).catch(() => undefined),
  } = options
  if (!Number.isSafeInteger(tries) || tries < 1)
    throw new TypeError(`tries must be a whole number >= 1, got ${tries}.`)
  return async (signal, call) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await call()
      } catch (error) {
        if (error instanceof Final) throw error.error
        if (attempt === tries || !isPassing(error) || signal?.aborted) throw error
        const asked = isIntegrationError(error) ? (error.retryAfterMs ?? 0) : 0
        if (asked > maxDelayMs) throw error
        const drawn = random() * Math.min(maxDelayMs, firstDelayMs * 2 ** (attempt - 1))
        await sleep(Math.max(asked, drawn), signal)
      }
    }
  }
}

function isPassing(error: unknown): boolean {
  return isIntegrationError(error) && error.retryable && !hasCode(error, 'FILES_REMOTE_ABORTED')
}

function isRepeatable(body: PutBody): boolean {
  if (body instanceof Uint8Array) return true
  return (
    typeof body === 'object' && body !== null && 'path' in body && !(Symbol.asyncIterator in body)
  )
}

/** The body, opened again behind the last byte when it breaks off. A checksum that is wrong at the end stays wrong. */
function resumed(
  provider: StorageProvider,
  retry: Retrying,
  request: GetRequest,
  first: GetResult,
): Readable {
  const { start = 0, end = first.sizeBytes - 1 } = request.range ?? {}
  const last = Math.min(end, first.sizeBytes - 1)
  let next = start
  let body: Readable | undefined = first.body
  const chunks = async function* () {
    while (next <= last) {
      yield* await retry(request.signal, async () => {
        const opened = body ?? (await reopen())
        body = undefined
        return readOn(opened)
      })
    }
  }
  const reopen = async () =>
    (
      await provider.get({
        key: request.key,
        range: { start: next, end: last },
        ifMatch: first.etag,
        signal: request.signal,
      })
    ).body
  /** What can be read; what breaks off ends it, unless nothing came at all. */
  const readOn = async (opened: Readable): Promise<AsyncIterable<Uint8Array>> => {
    const iterator = opened[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>
    const firstStep = await iterator.next()
    return (async function* () {
      try {
        for (let step = firstStep; !step.done; step = await iterator.next()) {
          next += step.value.byteLength
          yield step.value
        }
      } catch (error) {
        if (!isPassing(error) || hasCode(error, 'FILES_REMOTE_CHECKSUM_MISMATCH')) throw error
      } finally {
        opened.destroy()
      }
    })()
  }
  return Readable.from(chunks(), { objectMode: false })
}

async function* resumedList(
  provider: StorageProvider,
  retry: Retrying,
  request: ListRequest,
): AsyncGenerator<ListEntry> {
  let startAfter = request.startAfter
  let entries = provider.list(request)[Symbol.asyncIterator]()
  for (;;) {
    const step = await retry(request.signal, async () => {
      try {
        return await entries.next()
      } catch (error) {
        entries = provider.list({ ...request, startAfter })[Symbol.asyncIterator]()
        throw error
      }
    })
    if (step.done) return
    startAfter = step.value.kind === 'object' ? step.value.key : step.value.prefix
    yield step.value
  }
}
