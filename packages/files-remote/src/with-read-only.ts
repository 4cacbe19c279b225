import { storageError, unsupported } from './storage-errors.ts'
import type { StorageProvider } from './storage-provider.ts'

/**
 * A provider that reads and never writes: for reports, previews, and restoring with a cool head.
 * Every write rejects with `FILES_REMOTE_READ_ONLY`, and only GET is signed.
 */
export function withReadOnly(provider: StorageProvider): StorageProvider {
  const refuse = async (): Promise<never> => {
    throw storageError('FILES_REMOTE_READ_ONLY', 'This provider only reads.', {
      outcome: 'not_sent',
    })
  }
  const { capabilities, get, stat, list, download } = provider
  return {
    capabilities: {
      conditionalWrites: false,
      conditionalDeletes: false,
      compose: false,
      signedUrls: capabilities.signedUrls.filter((method) => method === 'GET'),
    },
    get,
    stat,
    list,
    put: refuse,
    delete: refuse,
    copy: refuse,
    compose: refuse,
    signUrl: async (request) => {
      if (request.method !== 'GET') throw unsupported(`signUrl ${request.method}`, 'it only reads.')
      return provider.signUrl(request)
    },
    ...(download && { download }),
  }
}
