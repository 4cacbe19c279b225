import { parseKey } from './parse-key.ts'
import type { ComposePart, ListEntry, StorageProvider } from './storage-provider.ts'

/**
 * A provider over the keys below a prefix, as if there were no others: for tenants, tests, and several uses of
 * one bucket. Results carry the keys without it.
 * @param prefix whole segments, such as `tenants/42/`
 */
export function withPrefix(provider: StorageProvider, prefix: string): StorageProvider {
  parseKey(`${prefix}x`, 'prefix')
  if (!prefix.endsWith('/')) {
    throw new TypeError(
      `prefix must end with "/", got ${JSON.stringify(prefix)}: "a" would cover "ab".`,
    )
  }
  /** The key alone is checked first: after the prefix, "../x" would be a valid key of somebody else. */
  const inside = (key: string): string => prefix + parseKey(key)
  const outside = (key: string): string => key.slice(prefix.length)
  const bare = <T extends { readonly key: string }>(result: T): T => ({
    ...result,
    key: outside(result.key),
  })
  const { download } = provider

  return {
    capabilities: provider.capabilities,
    put: async (request) => bare(await provider.put({ ...request, key: inside(request.key) })),
    get: async (request) => bare(await provider.get({ ...request, key: inside(request.key) })),
    stat: async (request) => {
      const stat = await provider.stat({ ...request, key: inside(request.key) })
      return stat && bare(stat)
    },
    delete: async (request) => provider.delete({ ...request, key: inside(request.key) }),
    async *list(request = {}): AsyncGenerator<ListEntry> {
      const { prefix: wanted = '', startAfter } = request
      const asked = {
        ...request,
        prefix: prefix + wanted,
        ...(startAfter !== undefined && { startAfter: prefix + startAfter }),
      }
      for await (const entry of provider.list(asked)) {
        yield entry.kind === 'object' ? bare(entry) : { ...entry, prefix: outside(entry.prefix) }
      }
    },
    copy: async (request) => {
      const keys = { sourceKey: inside(request.sourceKey), key: inside(request.key) }
      return bare(await provider.copy({ ...request, ...keys }))
    },
    compose: async (request) => {
      const parts = request.parts.map(
        (part): ComposePart => ('body' in part ? part : { ...part, key: inside(part.key) }),
      )
      return bare(await provider.compose({ ...request, key: inside(request.key), parts }))
    },
    signUrl: async (request) => provider.signUrl({ ...request, key: inside(request.key) }),
    ...(download && {
      download: async (request) => bare(await download({ ...request, key: inside(request.key) })),
    }),
  }
}
