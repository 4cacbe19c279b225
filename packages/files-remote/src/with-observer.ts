import { isIntegrationError } from '@mortise/errors'
import type { StorageProvider } from './storage-provider.ts'

/** The calls of the port that are observed. */
export type ObservedCall =
  | 'put'
  | 'get'
  | 'stat'
  | 'delete'
  | 'copy'
  | 'compose'
  | 'signUrl'
  | 'download'
  | 'list'

/** What one call did. For logs, metrics and traces; carries no body, no metadata and no signed address. */
export interface StorageObservation {
  readonly call: ObservedCall
  /** The key, or the prefix of a listing. */
  readonly key: string
  /** How long it took; of `get` until the body was open, of `list` until its walk ended. */
  readonly durationMs: number
  /** Size of the object that was written or opened, where one was. */
  readonly sizeBytes?: number | undefined
  /** The code of the error; absent on success. `UNEXPECTED` when it was none of ours. */
  readonly code?: string | undefined
}

/** Who is told. */
export interface ObserverOptions {
  /** Called when a call is over. What it throws is ignored: watching must not change what is watched. */
  readonly observe: (observation: StorageObservation) => void
  /** The clock, in milliseconds. Default: `performance.now`. */
  readonly now?: (() => number) | undefined
}

/** A provider that tells what every call did and how long it took. */
export function withObserver(provider: StorageProvider, options: ObserverOptions): StorageProvider {
  const { observe, now = () => performance.now() } = options

  const report = (
    call: ObservedCall,
    key: string,
    since: number,
    rest: Partial<StorageObservation>,
  ): void => {
    try {
      observe({ call, key, durationMs: now() - since, ...rest })
    } catch {
      // Ignored, as promised.
    }
  }

  const observed =
    <Request extends { readonly key: string }, Result>(
      call: ObservedCall,
      run: (request: Request) => Promise<Result>,
    ) =>
    async (request: Request): Promise<Result> => {
      const since = now()
      try {
        const result = await run(request)
        report(call, request.key, since, sizeOf(result))
        return result
      } catch (error) {
        report(call, request.key, since, { code: codeOf(error) })
        throw error
      }
    }

  const { download } = provider
  return {
    capabilities: provider.capabilities,
    put: observed('put', provider.put),
    get: observed('get', provider.get),
    stat: observed('stat', provider.stat),
    delete: observed('delete', provider.delete),
    copy: observed('copy', provider.copy),
    compose: observed('compose', provider.compose),
    signUrl: observed('signUrl', provider.signUrl),
    ...(download && { download: observed('download', download) }),
    async *list(request = {}) {
      const since = now()
      let code: string | undefined
      try {
        yield* provider.list(request)
      } catch (error) {
        code = codeOf(error)
        throw error
      } finally {
        report('list', request.prefix ?? '', since, code === undefined ? {} : { code })
      }
    },
  }
}

function sizeOf(result: unknown): { sizeBytes?: number } {
  if (typeof result !== 'object' || result === null || !('sizeBytes' in result)) return {}
  return typeof result.sizeBytes === 'number' ? { sizeBytes: result.sizeBytes } : {}
}

function codeOf(error: unknown): string {
  return isIntegrationError(error) ? error.code : 'UNEXPECTED'
}
